use serde::{Deserialize, Serialize};

use super::{Authorization, Duration, SessionSettings, Telemetry, is_default};

/// Settings of the whole gateway; at most one. Octelium's `ClusterConfig` is the same kind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Gateway {
    /// Services answer on subdomains of this name. Default `localhost`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Where clients reach the gateway: the issuer of tokens and the base of the metadata. Default: the listener's own address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Policies for every request.
    #[serde(default, skip_serializing_if = "is_default")]
    pub authorization: Authorization,
    /// Tokens from the token endpoint.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tokens: Tokens,
    /// Bounds on what a request may cost.
    #[serde(default, skip_serializing_if = "is_default")]
    pub limits: Limits,
    /// Where scripts may call, besides the addresses that they write out and the upstreams of their Service.
    #[serde(default, skip_serializing_if = "is_default")]
    pub callouts: Callouts,
    /// Serve Services without `isPublic` too. Without it they answer 404, as there is no tunnel at the edge.
    #[serde(default, skip_serializing_if = "is_default")]
    pub serve_private_services: bool,
    /// Where people with a browser are sent, by Services of mode `WEB`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub web: Web,
    /// Where logs, traces and metrics go besides the access log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telemetry: Option<Telemetry>,
    /// Session settings by the type of user. Not supported yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<RoleSessions>,
}

/// Pages for people whom a Service of mode `WEB` cannot serve. Programs get 401 and 403; so do people where a page is not set, as the
/// gateway has none of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Web {
    /// Where to sign in: `https`, or on this machine `http`. The page gets the way back in the parameter `redirect`, without tokens.
    #[serde(default, rename = "loginURL", skip_serializing_if = "Option::is_none")]
    pub login_url: Option<String>,
    /// What says that a person may not see this: as `loginURL`, without a way back.
    #[serde(default, rename = "deniedURL", skip_serializing_if = "Option::is_none")]
    pub denied_url: Option<String>,
}

/// Tokens from the token endpoint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tokens {
    /// How long an access token is valid; 1 minute to 24 hours. Default 1 hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_duration: Option<Duration>,
}

/// Bounds on what a request may cost.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Limits {
    /// Bytes of a request body that a rule may read; 413 beyond. Default 4 MiB at the edge and 32 MiB natively, at most 64 MiB.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "super::integer::option")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<super::integer::Integer>"))]
    pub max_request_size: Option<u64>,
    /// Requests a minute to the token endpoint, for each client id and for each address. Default 120.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_requests_per_minute: Option<u32>,
}

/// Where scripts may call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Callouts {
    /// Origins, as in `https://guardrail.example.com` or `http://127.0.0.1:9000`: scheme, host and port without a path; at most 1,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<String>,
}

/// Session settings by the type of user. Not supported yet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleSessions {
    /// For `HUMAN` users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub human: Option<SessionSettings>,
    /// For `WORKLOAD` users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workload: Option<SessionSettings>,
}
