use std::collections::BTreeMap;

use serde::Deserialize;

use super::rate_limit::{RateLimitActionList, RateLimitBasic};
use super::{HeaderManipulation, Retries};

/// Options of HTTPRoutes, attached by `targetRefs` or by a rule's `ExtensionRef`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RouteOption {
    #[serde(default)]
    pub target_refs: Vec<TargetRef>,
    #[serde(default)]
    pub options: Options,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetRef {
    pub kind: String,
    pub name: String,
    /// The name of one rule.
    pub section_name: Option<String>,
}

/// What Gloo says of one route beside where it goes.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Options {
    pub rbac: Option<Rbac>,
    #[serde(rename = "ratelimitBasic")]
    pub ratelimit_basic: Option<RateLimitBasic>,
    pub ratelimit: Option<RateLimitActionList>,
    pub header_manipulation: Option<HeaderManipulation>,
    pub timeout: Option<String>,
    pub idle_timeout: Option<String>,
    pub max_stream_duration: Option<MaxStreamDuration>,
    pub retries: Option<Retries>,
}

/// How long a whole exchange may take.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MaxStreamDuration {
    pub max_stream_duration: Option<String>,
}

/// Who of those with a token may do what: any policy that applies allows.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct Rbac {
    #[serde(default)]
    pub disable: bool,
    #[serde(default)]
    pub policies: BTreeMap<String, RbacPolicy>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RbacPolicy {
    #[serde(default)]
    pub principals: Vec<Principal>,
    pub permissions: Option<Permissions>,
    pub nested_claim_delimiter: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Principal {
    pub jwt_principal: JwtPrincipal,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct JwtPrincipal {
    #[serde(default)]
    pub claims: BTreeMap<String, String>,
    pub provider: Option<String>,
    pub matcher: Option<ClaimMatcher>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ClaimMatcher {
    ExactString,
    Boolean,
    ListContains,
    RegexMatch,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Permissions {
    pub path_prefix: Option<String>,
    #[serde(default)]
    pub methods: Vec<String>,
}
