use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Retries, RouteSelector};

/// Whether a policy comes before or after authentication.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Phase {
    pub pre_authz: Option<Priority>,
    pub post_authz: Option<Priority>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct Priority {
    #[serde(default)]
    pub priority: i32,
}

/// Changes of headers on some routes.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HeaderManipulationPolicy {
    #[serde(default)]
    pub apply_to_routes: Vec<RouteSelector>,
    pub config: HeaderChanges,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HeaderChanges {
    #[serde(default)]
    pub append_request_headers: BTreeMap<String, String>,
    #[serde(default)]
    pub remove_request_headers: Vec<String>,
    #[serde(default)]
    pub append_response_headers: BTreeMap<String, String>,
    #[serde(default)]
    pub remove_response_headers: Vec<String>,
}

/// The same as an option of a route.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HeaderManipulation {
    #[serde(default)]
    pub request_headers_to_add: Vec<HeaderToAdd>,
    #[serde(default)]
    pub request_headers_to_remove: Vec<String>,
    #[serde(default)]
    pub response_headers_to_add: Vec<HeaderToAdd>,
    #[serde(default)]
    pub response_headers_to_remove: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct HeaderToAdd {
    pub header: KeyValue,
    /// Default: true.
    pub append: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct KeyValue {
    pub key: String,
    pub value: String,
}

/// Timeouts and retries of some routes.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RetryTimeoutPolicy {
    #[serde(default)]
    pub apply_to_routes: Vec<RouteSelector>,
    pub config: RetryTimeout,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RetryTimeout {
    pub request_timeout: Option<String>,
    pub retries: Option<Retries>,
}
