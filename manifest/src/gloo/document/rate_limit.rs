use serde::Deserialize;

use super::{Empty, ObjectRef, RouteSelector};

/// What requests of some routes are counted as.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RateLimitPolicy {
    #[serde(default)]
    pub apply_to_routes: Vec<RouteSelector>,
    pub config: RateLimitConfig,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RateLimitConfig {
    pub raw: Option<RateLimitActionList>,
    pub ratelimit_basic: Option<RateLimitBasic>,
    pub ratelimit_client_config: Option<ConfigRef>,
    pub ratelimit_server_config: Option<ConfigRef>,
    pub phase: Option<super::small_policies::Phase>,
}

/// Names a document, in `ref` or, as some versions have it, in place.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct ConfigRef {
    #[serde(rename = "ref")]
    pub reference: Option<ObjectRef>,
    pub name: Option<String>,
    pub namespace: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct RateLimitClientConfig {
    pub raw: RateLimitActionList,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RateLimitActionList {
    #[serde(default)]
    pub rate_limits: Vec<RateLimitActions>,
}

/// The tuple that a request is counted by: `actions` in order, or `setActions` in any.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RateLimitActions {
    #[serde(default)]
    pub actions: Vec<Action>,
    #[serde(default)]
    pub set_actions: Vec<Action>,
}

/// One entry of the tuple: exactly one of the keys.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Action {
    pub generic_key: Option<GenericKey>,
    pub request_headers: Option<RequestHeader>,
    pub remote_address: Option<Empty>,
    pub header_value_match: Option<HeaderValueMatch>,
    pub metadata: Option<MetadataAction>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GenericKey {
    pub descriptor_value: String,
    pub descriptor_key: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestHeader {
    pub header_name: String,
    pub descriptor_key: String,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HeaderValueMatch {
    pub descriptor_value: String,
    pub expect_match: Option<bool>,
    #[serde(default)]
    pub headers: Vec<CountedHeader>,
}

/// A header that a request must have; `presentMatch` by default.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CountedHeader {
    pub name: String,
    pub exact_match: Option<String>,
    pub regex_match: Option<String>,
    pub prefix_match: Option<String>,
    pub suffix_match: Option<String>,
    pub present_match: Option<bool>,
    #[serde(default)]
    pub invert_match: bool,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MetadataAction {
    pub descriptor_key: String,
    pub metadata_key: MetadataKey,
    pub default_value: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct MetadataKey {
    #[serde(default)]
    pub key: String,
    #[serde(default)]
    pub path: Vec<PathSegment>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct PathSegment {
    pub key: String,
}

/// How many requests of each tuple there may be.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct RateLimitServerConfig {
    pub raw: ServerLimits,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServerLimits {
    #[serde(default)]
    pub descriptors: Vec<Descriptor>,
    #[serde(default)]
    pub set_descriptors: Vec<SetDescriptor>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    pub key: String,
    pub value: Option<String>,
    pub rate_limit: Option<RateLimit>,
    #[serde(default)]
    pub weight: u32,
    #[serde(default)]
    pub descriptors: Vec<Descriptor>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SetDescriptor {
    #[serde(default)]
    pub simple_descriptors: Vec<SimpleDescriptor>,
    pub rate_limit: Option<RateLimit>,
    #[serde(default)]
    pub always_apply: bool,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct SimpleDescriptor {
    pub key: String,
    pub value: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RateLimit {
    pub unit: Unit,
    pub requests_per_unit: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Month,
    Year,
}

/// One limit for callers without, one for callers with a name.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RateLimitBasic {
    pub anonymous_limits: Option<BasicLimit>,
    pub authorized_limits: Option<BasicLimit>,
}

/// As [`RateLimit`].
pub type BasicLimit = RateLimit;
