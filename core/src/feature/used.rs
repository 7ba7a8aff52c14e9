//! Which parts a resource uses.

use serde_json::{Value, to_value};

use super::{Feature, Features};
use crate::expression;
use crate::resource::service::{Config, DynamicRule, Plugin};
use crate::resource::{AnyResource, Authorization, Condition, Gateway, Policy, Service};

impl Feature {
    /// What the resource needs a build to carry.
    pub fn used_by(resource: &AnyResource) -> Features {
        let mut found = Features::new();
        match resource {
            AnyResource::Service(service) => of_service(&service.spec, &mut found),
            AnyResource::Namespace(namespace) => of_authorization(&namespace.spec.authorization, &mut found),
            AnyResource::User(user) => of_authorization(&user.spec.authorization, &mut found),
            AnyResource::Group(group) => of_authorization(&group.spec.authorization, &mut found),
            AnyResource::Policy(policy) => of_policy(&policy.spec, &mut found),
            AnyResource::Credential(credential) => of_authorization(&credential.spec.authorization, &mut found),
            AnyResource::Gateway(gateway) => of_gateway(&gateway.spec, &mut found),
            AnyResource::Secret(_) => {}
        }
        if expressions(resource).is_some_and(|document| mentions_library(&document)) {
            found.insert(Feature::ExpressionLibrary);
        }
        found
    }
}

/// What may hold expressions.
fn expressions(resource: &AnyResource) -> Option<Value> {
    let spec = match resource {
        AnyResource::Service(service) => to_value(&service.spec),
        AnyResource::Namespace(namespace) => to_value(&namespace.spec),
        AnyResource::User(user) => to_value(&user.spec),
        AnyResource::Group(group) => to_value(&group.spec),
        AnyResource::Policy(policy) => to_value(&policy.spec),
        AnyResource::Credential(credential) => to_value(&credential.spec),
        AnyResource::Gateway(gateway) => to_value(&gateway.spec),
        AnyResource::Secret(_) => return None,
    };
    spec.ok()
}

/// Looks at all text, wherever it stands: a build that carries too much only is larger.
fn mentions_library(document: &Value) -> bool {
    match document {
        Value::String(text) => expression::mentions_library(text),
        Value::Array(items) => items.iter().any(mentions_library),
        Value::Object(fields) => fields.values().any(mentions_library),
        _ => false,
    }
}

fn of_gateway(gateway: &Gateway, found: &mut Features) {
    of_authorization(&gateway.authorization, found);
    if gateway.telemetry.as_ref().is_some_and(|telemetry| telemetry.otlp.is_some()) {
        found.insert(Feature::Otlp);
    }
}

fn of_service(service: &Service, found: &mut Features) {
    of_authorization(&service.authorization, found);
    if let Some(authentication) = &service.authentication {
        found.insert(Feature::Authentication);
        found.extend(authentication.jwt.first().map(|_| Feature::Jwt));
    }
    found.extend(service.routes.first().map(|_| Feature::Routing));
    let dynamic = service.dynamic_config.iter();
    for config in service.config.iter().chain(dynamic.clone().flat_map(|dynamic| &dynamic.configs)) {
        of_config(config, found);
    }
    for rule in dynamic.flat_map(|dynamic| &dynamic.rules) {
        of_condition(&rule.condition, found);
        of_produced(rule, found);
    }
}

fn of_config(config: &Config, found: &mut Features) {
    found.extend(config.ai.as_ref().map(|_| Feature::AiProviders));
    if let Some(upstream) = &config.upstream {
        found.extend(upstream.container.as_ref().map(|_| Feature::Containers));
        found.extend(upstream.pools.first().map(|_| Feature::Pools));
    }
    let Some(http) = &config.http else { return };
    found.extend(http.mirror.first().map(|_| Feature::Mirrors));
    found.extend(http.path.regex.as_ref().map(|_| Feature::Routing));
    if let Some(auth) = &http.auth {
        found.extend(auth.oauth2_client_credentials.as_ref().map(|_| Feature::Oauth2Client));
        found.extend(auth.sigv4.as_ref().map(|_| Feature::SigV4));
    }
    if http.body.validation.is_some() {
        found.insert(Feature::JsonSchema);
    }
    http.plugins.iter().for_each(|plugin| of_plugin(plugin, found));
}

fn of_plugin(plugin: &Plugin, found: &mut Features) {
    plugin.condition.iter().for_each(|condition| of_condition(condition, found));
    if let Some(lua) = &plugin.lua {
        found.insert(Feature::Lua);
        if lua.inline.contains("isSchemaValid") {
            found.insert(Feature::JsonSchema);
        }
    }
    found.extend(plugin.json_schema.as_ref().map(|_| Feature::JsonSchema));
    found.extend(plugin.cache.as_ref().map(|_| Feature::Cache));
    found.extend(plugin.rate_limit.as_ref().map(|_| Feature::RateLimit));
    found.extend(plugin.concurrency_limit.as_ref().map(|_| Feature::RateLimit));
    found.extend(plugin.ext_proc.as_ref().map(|_| Feature::ExtProc));
    found.extend(plugin.transform.as_ref().map(|_| Feature::Templates));
}

/// A configuration that a rule makes is known only when it is made, so its rule is taken to use what it mentions.
fn of_produced(rule: &DynamicRule, found: &mut Features) {
    if rule.opa.is_some() {
        found.insert(Feature::Rego);
    }
    if rule.opa.is_some() || rule.eval.is_some() {
        found.insert(Feature::MadeConfigs);
    }
    let text = rule.eval.iter().chain(rule.opa.iter().map(|opa| &opa.inline));
    for text in text {
        for (word, feature) in [
            ("ai", Feature::AiProviders),
            ("cache", Feature::Cache),
            ("concurrencyLimit", Feature::RateLimit),
            ("container", Feature::Containers),
            ("extProc", Feature::ExtProc),
            ("jsonSchema", Feature::JsonSchema),
            ("lua", Feature::Lua),
            ("mirror", Feature::Mirrors),
            ("oauth2ClientCredentials", Feature::Oauth2Client),
            ("opa", Feature::Rego),
            ("rateLimit", Feature::RateLimit),
            ("regex", Feature::Routing),
            ("sigv4", Feature::SigV4),
            ("transform", Feature::Templates),
        ] {
            if text.contains(word) {
                found.insert(feature);
            }
        }
    }
}

fn of_authorization(authorization: &Authorization, found: &mut Features) {
    authorization.inline_policies.iter().for_each(|inline| of_policy(&inline.spec, found));
}

fn of_policy(policy: &Policy, found: &mut Features) {
    policy.rules.iter().for_each(|rule| of_condition(&rule.condition, found));
    policy.enforcement_rules.iter().for_each(|rule| of_condition(&rule.condition, found));
}

/// The depth of conditions is bounded where they are compiled, which comes first.
fn of_condition(condition: &Condition, found: &mut Features) {
    if condition.opa.is_some() {
        found.insert(Feature::Rego);
    }
    let lists = [&condition.all, &condition.any, &condition.none].into_iter().flatten();
    lists.flat_map(|list| &list.of).for_each(|child| of_condition(child, found));
}

#[cfg(test)]
mod tests {
    #[cfg(feature = "jwt")]
    use serde_json::json;

    use super::*;
    use crate::testing::test;

    #[cfg(feature = "jwt")]
    fn used(kind: &str, spec: &Value) -> Vec<&'static str> {
        let resource = AnyResource::from_json(kind, json!({"kind": kind, "metadata": {"name": "a"}, "spec": spec})).unwrap();
        Feature::used_by(&resource).into_iter().map(Feature::as_str).collect()
    }

    #[cfg(feature = "jwt")]
    #[test]
    fn each_place_is_looked_at() {
        let opa = json!({"opa": {"inline": "package octelium.condition"}});
        let nested = json!({"all": {"of": [{"none": {"of": [opa]}}]}});
        let policy = json!({"rules": [{"effect": "ALLOW", "condition": nested}]});
        let enforced = json!({"enforcementRules": [{"effect": "IGNORE", "condition": opa}]});
        let inline = json!({"authorization": {"inlinePolicies": [{"spec": policy}]}});
        let config = |http: Value| json!({"mode": "HTTP", "config": {"http": http}});
        let dynamic = |dynamic: Value| json!({"mode": "HTTP", "dynamicConfig": dynamic});
        for (kind, spec, expected) in [
            ("Policy", policy.clone(), &["rego"][..]),
            ("Policy", enforced, &["rego"]),
            ("Group", inline.clone(), &["rego"]),
            ("Namespace", inline.clone(), &["rego"]),
            ("Gateway", inline, &["rego"]),
            ("Gateway", json!({"telemetry": {"otlp": {"url": "https://otel.example"}}}), &["otlp"]),
            ("Gateway", json!({"telemetry": {}}), &[]),
            (
                "Service",
                config(json!({"plugins": [{"name": "a", "lua": {"inline": ""}}, {"name": "b", "condition": opa, "path": {}}]})),
                &["lua", "rego"],
            ),
            ("Service", config(json!({"plugins": [{"name": "a", "jsonSchema": {"inline": "{}"}}]})), &["json-schema"]),
            ("Service", config(json!({"plugins": [{"name": "a", "transform": {}}]})), &["templates"]),
            ("Service", config(json!({"body": {"validation": {"jsonSchema": {"inline": "{}"}}}})), &["json-schema"]),
            (
                "Service",
                dynamic(json!({"configs": [{"name": "a", "http": {"plugins": [{"name": "a", "lua": {"inline": ""}}]}}]})),
                &["lua"],
            ),
            ("Service", dynamic(json!({"rules": [{"condition": {"matchAny": true}, "opa": {"inline": ""}}]})), &["made-configs", "rego"]),
            (
                "Service",
                dynamic(json!({"rules": [{"condition": {"matchAny": true}, "eval": "{'http': {'plugins': [{'lua': {}}]}}"}]})),
                &["lua", "made-configs"],
            ),
            ("Service", config(json!({"plugins": [{"name": "a", "path": {}}]})), &[]),
            (
                "Service",
                config(
                    json!({"plugins": [{"name": "a", "cache": {}}, {"name": "b", "rateLimit": {"limit": 1, "window": {"seconds": 1}}}, {"name": "c", "extProc": {}}]}),
                ),
                &["cache", "ext-proc", "rate-limit"],
            ),
            ("Service", config(json!({"plugins": [{"name": "a", "concurrencyLimit": {"limit": 1}}]})), &["rate-limit"]),
            ("Service", config(json!({"auth": {"bearer": {"fromSecret": "a"}}})), &[]),
            (
                "Service",
                config(
                    json!({"auth": {"sigv4": {"accessKeyID": "a", "secretAccessKey": {"fromSecret": "a"}, "region": "a", "service": "a"}}}),
                ),
                &["sigv4"],
            ),
            (
                "Service",
                config(
                    json!({"auth": {"oauth2ClientCredentials": {"clientID": "a", "clientSecret": {"fromSecret": "a"}, "tokenURL": "a"}}}),
                ),
                &["oauth2-client"],
            ),
            ("Policy", json!({"rules": [{"effect": "ALLOW", "condition": {"match": "ctx.user.metadata.name.startsWith('a')"}}]}), &[]),
            ("Policy", json!({"rules": [{"effect": "ALLOW", "condition": {"match": "now ()"}}]}), &["expression-library"]),
            ("Policy", json!({"rules": [{"effect": "ALLOW", "condition": {"match": "net.isIP(ctx.x)"}}]}), &["expression-library"]),
            (
                "Service",
                json!({"mode": "HTTP", "authentication": {"jwt": [{"name": "a", "jwks": {"inline": "{}"}}]}}),
                &["authentication", "jwt"],
            ),
            ("Service", json!({"mode": "HTTP", "authentication": {"apiKey": {}}}), &["authentication"]),
            ("Service", json!({"mode": "HTTP", "routes": [{}]}), &["routing"]),
            ("Service", json!({"mode": "HTTP", "config": {"ai": {"provider": "OPENAI"}}}), &["ai-providers"]),
            ("Service", json!({"mode": "HTTP", "config": {"upstream": {"container": {"image": "a", "port": 80}}}}), &["containers"]),
            ("Service", json!({"mode": "HTTP", "config": {"upstream": {"pools": [{"configs": ["a"]}]}}}), &["pools"]),
            ("Service", config(json!({"mirror": [{"url": "https://a"}]})), &["mirrors"]),
            ("Service", config(json!({"path": {"regex": {"pattern": "a", "substitution": "b"}}})), &["routing"]),
            ("Service", config(json!({"path": {"addPrefix": "/a"}})), &[]),
            ("User", json!({"type": "WORKLOAD", "attrs": {"opa": 1, "lua": 2}}), &[]),
        ] {
            assert_eq!(used(kind, &spec), expected, "{kind} {spec}");
        }
    }

    #[test]
    fn names_are_those_of_the_cargo_features() {
        for feature in Feature::ALL.iter().copied() {
            assert_eq!(Feature::parse(feature.as_str()), Some(feature));
            assert_eq!(serde_json::to_value(feature).unwrap(), feature.as_str());
        }
    }
}
