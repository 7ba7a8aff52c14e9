use std::collections::BTreeMap;

use serde::Deserialize;

use super::{LabelRef, ObjectRef, Options, PortRef};

/// Routes of hosts, or routes that other tables delegate to.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
pub struct RouteTable {
    #[serde(default)]
    pub hosts: Vec<String>,
    #[serde(default)]
    pub http: Vec<TableRoute>,
    #[serde(default)]
    pub weight: i32,
}

/// One route: exactly one of `forwardTo`, `redirectTo`, `directResponse` and `delegate`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TableRoute {
    pub name: Option<String>,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    #[serde(default)]
    pub matchers: Vec<Matcher>,
    pub forward_to: Option<ForwardTo>,
    pub redirect_to: Option<RedirectTo>,
    pub direct_response: Option<DirectResponse>,
    pub delegate: Option<Delegate>,
    pub options: Option<Options>,
}

/// What a request must be like. The path is in `uri`, or as older versions have it beside the other fields.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Matcher {
    pub uri: Option<UriMatch>,
    pub prefix: Option<String>,
    pub exact: Option<String>,
    pub regex: Option<String>,
    pub case_sensitive: Option<bool>,
    #[serde(default)]
    pub headers: Vec<HeaderMatch>,
    #[serde(default)]
    pub query_parameters: Vec<QueryMatch>,
    pub method: Option<String>,
    #[serde(default)]
    pub methods: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UriMatch {
    pub prefix: Option<String>,
    pub exact: Option<String>,
    pub regex: Option<String>,
    #[serde(default)]
    pub ignore_case: bool,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HeaderMatch {
    pub name: String,
    pub value: Option<String>,
    #[serde(default)]
    pub regex: bool,
    #[serde(default)]
    pub invert_match: bool,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct QueryMatch {
    pub name: String,
    pub value: Option<String>,
    #[serde(default)]
    pub regex: bool,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ForwardTo {
    #[serde(default)]
    pub destinations: Vec<Destination>,
    pub path_rewrite: Option<String>,
    pub regex_rewrite: Option<RegexRewrite>,
    pub host_rewrite: Option<String>,
    #[serde(default)]
    pub auto_host_rewrite: bool,
    pub timeout: Option<String>,
    pub retries: Option<Retries>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct RegexRewrite {
    pub pattern: RegexPattern,
    pub substitution: String,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct RegexPattern {
    pub regex: String,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct Destination {
    pub kind: Option<String>,
    #[serde(rename = "ref")]
    pub reference: ObjectRef,
    pub port: Option<PortRef>,
    pub weight: Option<u32>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Retries {
    pub attempts: Option<u32>,
    pub per_try_timeout: Option<String>,
    pub retry_on: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RedirectTo {
    pub host_redirect: Option<String>,
    pub path_redirect: Option<String>,
    pub prefix_rewrite: Option<String>,
    pub port_redirect: Option<u16>,
    pub scheme_redirect: Option<String>,
    #[serde(default)]
    pub https_redirect: bool,
    #[serde(default)]
    pub strip_query: bool,
    pub response_code: Option<serde_json::Value>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct DirectResponse {
    pub status: u16,
    pub body: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Delegate {
    #[serde(default)]
    pub route_tables: Vec<LabelRef>,
    pub sort_method: Option<SortMethod>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SortMethod {
    TableWeight,
    RouteSpecificity,
}
