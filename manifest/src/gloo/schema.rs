//! The structure of Gloo's documents, for the same checks that the gateway's own go through.

use std::sync::LazyLock;

use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use super::document::{
    Envelope, ExtAuthPolicy, ExternalService, HeaderManipulationPolicy, HttpRoute, JwtPolicy, RateLimitClientConfig, RateLimitPolicy,
    RateLimitServerConfig, RetryTimeoutPolicy, RouteOption, RouteTable, Secret, TransformationPolicy, Upstream,
};
use super::kind::Kind;
use crate::schema::{Schema, UNSUPPORTED};

/// The schema of every kind with a structure, each under [`Kind::name`].
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(build);

/// Fields that say how Gloo's own parts work together, or that mean what happens here anyway: read, whatever they hold. (definition,
/// fields)
const NOT_NEEDED: [(&str, &[&str]); 18] = [
    ("RouteTable", &["virtualGateways", "workloadSelectors"]),
    ("Matcher", &["name"]),
    ("ExternalPort", &["targetPort"]),
    ("ObjectRef", &["cluster", "workspace"]),
    ("LabelRef", &["cluster", "workspace"]),
    ("HttpRoute", &["parentRefs"]),
    ("ExtAuthConfig", &["server"]),
    ("RateLimitConfig", &["serverSettings"]),
    ("ConfigRef", &["cluster", "workspace"]),
    ("RateLimitServerConfig", &["destinationServers"]),
    ("JwtConfig", &["phase"]),
    ("RemoteJwks", &["upstreamRef", "destinationRef", "enableAsyncFetch", "asyncFetch"]),
    ("HeaderChanges", &["phase"]),
    ("Secret", &["immutable"]),
    ("TargetRef", &["group", "namespace"]),
    ("PathModifier", &["type"]),
    ("ExtensionRef", &["group"]),
    ("StaticHost", &["healthCheckConfig", "metadata"]),
];

/// Fields that mean something and are not translated: the whole document is refused for them. (definition, fields)
const NOT_SUPPORTED: [(&str, &[&str]); 34] = [
    ("RouteTable", &["tcp", "tls", "defaultDestination", "portalMetadata", "applyToDestinations"]),
    ("TableRoute", &["graphql", "routeAction", "experimental"]),
    ("Matcher", &["connectMatcher", "cookies", "port"]),
    ("UriMatch", &["suffix"]),
    ("ForwardTo", &["hostRewriteHeader", "hostRewritePathRegex", "appendXForwardedHost"]),
    ("Destination", &["subset", "httpSettings"]),
    ("Delegate", &["allowedRoutes"]),
    ("ExternalService", &["addresses", "subnets", "selector"]),
    ("ClientsideTls", &["certificateAuthorities", "mode", "subjectAltNames", "sni", "tlsSecretName"]),
    (
        "Upstream",
        &[
            "kube",
            "aws",
            "azure",
            "consul",
            "awsEc2",
            "gcp",
            "failover",
            "healthChecks",
            "outlierDetection",
            "circuitBreakers",
            "proxyProtocolVersion",
        ],
    ),
    ("SslConfig", &["secretRef", "sslFiles", "sds", "verifySubjectAltName", "parameters", "alpnProtocols", "oneWayTls"]),
    ("StaticUpstream", &["serviceSpec", "autoSniRewrite"]),
    ("StaticHost", &["sniAddr", "loadBalancingWeight"]),
    ("Llm", &["vertexAi", "bedrock"]),
    ("RouteRule", &["sessionPersistence"]),
    ("Filter", &["cors", "externalAuth"]),
    ("BackendRef", &["filters"]),
    ("ExtAuthPolicy", &["applyToDestinations"]),
    ("ExtAuthConfig", &["customAuth"]),
    (
        "AuthStep",
        &["oauth2", "opaAuth", "opaServerAuth", "ldap", "jwt", "passThroughAuth", "hmacAuth", "portalAuth", "pluginAuth", "grpcAuth"],
    ),
    ("ApiKeyAuth", &["aerospikeApikeyStorage", "headersFromMetadata", "skipMetadataValidation", "invalidResponseCode"]),
    ("SecretStorage", &["digest", "hmac", "match"]),
    ("JwtPolicy", &["applyToDestinations", "applyToWorkloads"]),
    ("JwtProvider", &["attachFailedStatusToMetadata", "claims", "tokenExtraction"]),
    ("TokenSource", &["cookies"]),
    ("RateLimitPolicy", &["applyToDestinations"]),
    ("RateLimitActions", &["limit"]),
    ("RateLimitActionList", &["includeVhRateLimits", "rateLimitConfigs"]),
    ("Action", &["sourceCluster", "destinationCluster", "maskedRemoteAddress"]),
    ("Descriptor", &["alwaysApply", "weightedDescriptors"]),
    ("TransformationPolicy", &["applyToDestinations"]),
    ("Transformation", &["headerBodyTransform", "xsltTransformation", "lowLevelInjaTemplate"]),
    ("InjaTemplate", &["dynamicMetadataValues", "spanTransformer", "dataSources", "stringDelimiter", "inheritTransformation"]),
    (
        "Options",
        &[
            "ai",
            "bufferPerRoute",
            "cors",
            "csrf",
            "dlp",
            "envoyMetadata",
            "extauth",
            "extProc",
            "faults",
            "hostRewrite",
            "jwt",
            "jwtStaged",
            "lbHash",
            "prefixRewrite",
            "rateLimitConfigs",
            "ratelimitEarly",
            "ratelimitRegular",
            "regexRewrite",
            "shadowing",
            "stagedTransformations",
            "transformations",
            "upgrades",
            "waf",
        ],
    ),
];

fn build() -> Schema {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let names: Vec<(Kind, String)> = Kind::WITH_STRUCTURE.into_iter().map(|kind| (kind, definition_of(kind, &mut generator))).collect();
    let mut definitions = generator.take_definitions(true);
    for (definition, fields) in NOT_NEEDED {
        add(&mut definitions, definition, fields, &json!(true));
    }
    for (definition, fields) in NOT_SUPPORTED {
        add(&mut definitions, definition, fields, &json!({ UNSUPPORTED: true }));
    }
    for (_, name) in &names {
        add(&mut definitions, name, &["apiVersion", "kind", "status"], &json!(true));
    }
    // The types let pass what they do not know, because what is not needed is not in them.
    for (name, definition) in &mut definitions {
        if let Some(definition) =
            definition.as_object_mut().filter(|definition| name != "Metadata" && definition.contains_key("properties"))
        {
            definition.insert("additionalProperties".to_owned(), false.into());
        }
    }
    let of_kinds = names.iter().filter_map(|(kind, name)| Some((*kind, definitions.get(name)?.clone()))).collect::<Vec<_>>();
    for (kind, definition) in of_kinds {
        definitions.insert(Schema::document_name(kind.name()), definition);
    }
    Schema::of(json!({ "$defs": definitions }))
}

/// The name of a kind's definition.
fn definition_of(kind: Kind, generator: &mut SchemaGenerator) -> String {
    let reference = match kind {
        Kind::RouteTable => generator.subschema_for::<Envelope<RouteTable>>(),
        Kind::ExternalService => generator.subschema_for::<Envelope<ExternalService>>(),
        Kind::Upstream => generator.subschema_for::<Envelope<Upstream>>(),
        Kind::HttpRoute => generator.subschema_for::<Envelope<HttpRoute>>(),
        Kind::RouteOption => generator.subschema_for::<Envelope<RouteOption>>(),
        Kind::ExtAuthPolicy => generator.subschema_for::<Envelope<ExtAuthPolicy>>(),
        Kind::JwtPolicy => generator.subschema_for::<Envelope<JwtPolicy>>(),
        Kind::RateLimitPolicy => generator.subschema_for::<Envelope<RateLimitPolicy>>(),
        Kind::RateLimitClientConfig => generator.subschema_for::<Envelope<RateLimitClientConfig>>(),
        Kind::RateLimitServerConfig => generator.subschema_for::<Envelope<RateLimitServerConfig>>(),
        Kind::TransformationPolicy => generator.subschema_for::<Envelope<TransformationPolicy>>(),
        Kind::HeaderManipulationPolicy => generator.subschema_for::<Envelope<HeaderManipulationPolicy>>(),
        Kind::RetryTimeoutPolicy => generator.subschema_for::<Envelope<RetryTimeoutPolicy>>(),
        Kind::Secret | Kind::Wiring => generator.subschema_for::<Secret>(),
    };
    reference.as_value().get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix("#/$defs/")).unwrap_or_default().to_owned()
}

fn add(definitions: &mut Map<String, Value>, definition: &str, fields: &[&str], schema: &Value) {
    let Some(definition) = definitions.get_mut(definition).and_then(Value::as_object_mut) else { return };
    if let Some(properties) = definition.entry("properties").or_insert_with(|| json!({})).as_object_mut() {
        properties.extend(fields.iter().map(|field| ((*field).to_owned(), schema.clone())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_every_listed_definition_is_there() {
        for kind in Kind::WITH_STRUCTURE {
            assert!(SCHEMA.of_kind(kind.name()).is_some(), "{}", kind.name());
        }
        for (definition, fields) in NOT_NEEDED.iter().chain(&NOT_SUPPORTED) {
            let properties = &SCHEMA.document()["$defs"][definition]["properties"];
            for field in *fields {
                assert!(properties[field] == true || properties[field] == json!({ UNSUPPORTED: true }), "{definition}.{field}");
            }
        }
    }
}
