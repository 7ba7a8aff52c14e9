//! Which of Gloo's kinds a document is of.

use crate::suggest::closest;

/// A kind that is translated, or read and not needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    RouteTable,
    ExternalService,
    Upstream,
    HttpRoute,
    RouteOption,
    ExtAuthPolicy,
    JwtPolicy,
    RateLimitPolicy,
    RateLimitClientConfig,
    RateLimitServerConfig,
    TransformationPolicy,
    HeaderManipulationPolicy,
    RetryTimeoutPolicy,
    Secret,
    /// Says how Gloo's own parts find each other, which a gateway without them does not need.
    Wiring,
}

impl Kind {
    /// The kinds that have a structure to check.
    pub const WITH_STRUCTURE: [Kind; 14] = [
        Kind::RouteTable,
        Kind::ExternalService,
        Kind::Upstream,
        Kind::HttpRoute,
        Kind::RouteOption,
        Kind::ExtAuthPolicy,
        Kind::JwtPolicy,
        Kind::RateLimitPolicy,
        Kind::RateLimitClientConfig,
        Kind::RateLimitServerConfig,
        Kind::TransformationPolicy,
        Kind::HeaderManipulationPolicy,
        Kind::RetryTimeoutPolicy,
        Kind::Secret,
    ];

    /// Whether what it says is in `spec`.
    pub const fn has_spec(self) -> bool {
        !matches!(self, Self::Secret | Self::Wiring)
    }

    /// As it is written, but for what has no structure.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RouteTable => "RouteTable",
            Self::ExternalService => "ExternalService",
            Self::Upstream => "Upstream",
            Self::HttpRoute => "HTTPRoute",
            Self::RouteOption => "RouteOption",
            Self::ExtAuthPolicy => "ExtAuthPolicy",
            Self::JwtPolicy => "JWTPolicy",
            Self::RateLimitPolicy => "RateLimitPolicy",
            Self::RateLimitClientConfig => "RateLimitClientConfig",
            Self::RateLimitServerConfig => "RateLimitServerConfig",
            Self::TransformationPolicy => "TransformationPolicy",
            Self::HeaderManipulationPolicy => "HeaderManipulationPolicy",
            Self::RetryTimeoutPolicy => "RetryTimeoutPolicy",
            Self::Secret => "Secret",
            Self::Wiring => "wiring",
        }
    }
}

/// What is wrong with the kind of a document, and what to do about it.
pub struct Unknown {
    pub message: String,
    pub help: Option<String>,
}

/// (API group and version, kind as it is written, what it is). Kinds of one version stand together.
const KINDS: [(&str, &str, Kind); 31] = [
    ("networking.gloo.solo.io/v2", "RouteTable", Kind::RouteTable),
    ("networking.gloo.solo.io/v2", "ExternalService", Kind::ExternalService),
    ("networking.gloo.solo.io/v2", "VirtualGateway", Kind::Wiring),
    ("gloo.solo.io/v1", "Upstream", Kind::Upstream),
    ("gloo.solo.io/v1", "Settings", Kind::Wiring),
    ("gateway.solo.io/v1", "RouteOption", Kind::RouteOption),
    ("gateway.gloo.solo.io/v1alpha1", "GatewayParameters", Kind::Wiring),
    ("gateway.networking.k8s.io/v1", "HTTPRoute", Kind::HttpRoute),
    ("gateway.networking.k8s.io/v1", "Gateway", Kind::Wiring),
    ("gateway.networking.k8s.io/v1", "GatewayClass", Kind::Wiring),
    ("gateway.networking.k8s.io/v1", "ReferenceGrant", Kind::Wiring),
    ("gateway.networking.k8s.io/v1beta1", "HTTPRoute", Kind::HttpRoute),
    ("gateway.networking.k8s.io/v1beta1", "Gateway", Kind::Wiring),
    ("gateway.networking.k8s.io/v1beta1", "GatewayClass", Kind::Wiring),
    ("gateway.networking.k8s.io/v1beta1", "ReferenceGrant", Kind::Wiring),
    ("security.policy.gloo.solo.io/v2", "ExtAuthPolicy", Kind::ExtAuthPolicy),
    ("security.policy.gloo.solo.io/v2", "JWTPolicy", Kind::JwtPolicy),
    ("trafficcontrol.policy.gloo.solo.io/v2", "RateLimitPolicy", Kind::RateLimitPolicy),
    ("trafficcontrol.policy.gloo.solo.io/v2", "RateLimitClientConfig", Kind::RateLimitClientConfig),
    ("trafficcontrol.policy.gloo.solo.io/v2", "TransformationPolicy", Kind::TransformationPolicy),
    ("trafficcontrol.policy.gloo.solo.io/v2", "HeaderManipulationPolicy", Kind::HeaderManipulationPolicy),
    ("resilience.policy.gloo.solo.io/v2", "RetryTimeoutPolicy", Kind::RetryTimeoutPolicy),
    ("admin.gloo.solo.io/v2", "RateLimitServerConfig", Kind::RateLimitServerConfig),
    ("admin.gloo.solo.io/v2", "RateLimitServerSettings", Kind::Wiring),
    ("admin.gloo.solo.io/v2", "ExtAuthServer", Kind::Wiring),
    ("admin.gloo.solo.io/v2", "Workspace", Kind::Wiring),
    ("admin.gloo.solo.io/v2", "WorkspaceSettings", Kind::Wiring),
    ("admin.gloo.solo.io/v2", "KubernetesCluster", Kind::Wiring),
    ("admin.gloo.solo.io/v2", "RootTrustPolicy", Kind::Wiring),
    ("admin.gloo.solo.io/v2", "GatewayLifecycleManager", Kind::Wiring),
    ("v1", "Secret", Kind::Secret),
];

/// Groups with kinds of which only some are known here.
const GROUPS: [&str; 2] = ["solo.io", "gateway.networking.k8s.io"];

/// The kind of a document of this version; `None` when the version is not one of Gloo's.
pub fn resolve(version: &str, kind: &str) -> Option<Result<Kind, Unknown>> {
    let of_version = || KINDS.iter().filter(|(known, ..)| *known == version);
    if let Some((.., found)) = of_version().find(|(_, name, _)| *name == kind) {
        return Some(Ok(*found));
    }
    let group = version.split('/').next().unwrap_or_default();
    let is_known_group =
        of_version().next().is_some() || GROUPS.iter().any(|known| group == *known || group.ends_with(&format!(".{known}")));
    if !is_known_group {
        return None;
    }
    let help = if let Some(meant) = closest(kind, of_version().map(|(_, name, _)| *name)) {
        Some(format!("did you mean `{meant}`?"))
    } else {
        version_of(kind).map(|version| format!("it is read as `apiVersion: {version}`"))
    };
    Some(Err(Unknown { message: format!("`{kind}` of `{version}` is not supported yet"), help }))
}

/// The version that has a kind of this name.
pub fn version_of(kind: &str) -> Option<&'static str> {
    KINDS.iter().find(|(version, name, _)| *name == kind && *version != "v1").map(|(version, ..)| *version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_those_of_their_version() {
        for (version, kind, expected) in [
            ("networking.gloo.solo.io/v2", "RouteTable", Some(Ok(Kind::RouteTable))),
            ("gateway.networking.k8s.io/v1beta1", "HTTPRoute", Some(Ok(Kind::HttpRoute))),
            ("gateway.networking.k8s.io/v1", "Gateway", Some(Ok(Kind::Wiring))),
            ("v1", "Secret", Some(Ok(Kind::Secret))),
            ("networking.gloo.solo.io/v2", "RouteTabel", Some(Err("did you mean `RouteTable`?"))),
            ("networking.gloo.solo.io/v2", "TransformationPolicy", Some(Err("trafficcontrol.policy.gloo.solo.io/v2"))),
            ("gloo.solo.io/v1", "Proxy", Some(Err(""))),
            ("v1", "ConfigMap", Some(Err(""))),
            ("gateway.networking.k8s.io/v1", "GRPCRoute", Some(Err(""))),
            ("apps/v1", "Deployment", None),
            ("core/v1", "Service", None),
            ("notsolo.io/v1", "Upstream", None),
        ] {
            match (resolve(version, kind), expected) {
                (Some(Ok(found)), Some(Ok(expected))) => assert_eq!(found, expected),
                (Some(Err(unknown)), Some(Err(help))) => assert!(unknown.help.unwrap_or_default().contains(help), "{kind}"),
                (None, None) => {}
                (found, _) => panic!("{version} {kind}: {:?}", found.map(|found| found.map_err(|unknown| unknown.message))),
            }
        }
    }
}
