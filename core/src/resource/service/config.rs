use serde::{Deserialize, Serialize};

use super::{Http, Upstream};
use crate::resource::{Condition, Opa};

/// Where requests go and what is done to them on the way.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// Names it for `configName` and `parent`. The default configuration is `default` or has no name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The configuration that this one builds upon (`default` is `spec.config`): its values stay where this one sets none, lists are
    /// appended. One level only. Without it, a named configuration replaces the default entirely.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Upstream>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<Http>,
}

/// Configurations by name, and the rules that choose one for a request that was allowed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DynamicConfig {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub configs: Vec<Config>,
    /// The first whose condition applies chooses. When none does, `spec.config` serves; without that the answer is 502.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<DynamicRule>,
}

/// Chooses a configuration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DynamicRule {
    pub condition: Condition,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_name: Option<String>,
    /// A CEL expression that gives a whole configuration. Not supported yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eval: Option<String>,
    /// A Rego module that gives a whole configuration. Not supported yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opa: Option<Opa>,
}
