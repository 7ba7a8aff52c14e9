use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Ai, Http, LegacyClientCertificate, Upstream, UpstreamTls};
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
    /// Where requests go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Upstream>,
    /// What is done to requests and responses of the modes `HTTP` and `WEB`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<Http>,
    /// What the upstream expects, as a provider of language models.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::feature::part::ai_providers")]
    pub ai: Option<Ai>,
    /// How the upstream's TLS is checked. Not supported yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<UpstreamTls>,
    /// An older form of `tls.clientCertificate`. Not supported yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<LegacyClientCertificate>,
    /// Settings of mode `LLM`. Not supported yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub llm: Option<Map<String, Value>>,
    /// Settings of mode `MCP`. Not supported yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mcp: Option<Map<String, Value>>,
    /// Settings of mode `SSH`. Not supported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssh: Option<Map<String, Value>>,
    /// Settings of mode `POSTGRES`. Not supported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postgres: Option<Map<String, Value>>,
    /// Settings of mode `MYSQL`. Not supported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mysql: Option<Map<String, Value>>,
    /// Settings of mode `KUBERNETES`. Not supported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<Map<String, Value>>,
    /// Settings of mode `SOCKS5`. Not supported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub socks5: Option<Map<String, Value>>,
    /// Settings of mode `RDP_WEB`. Not supported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rdp: Option<Map<String, Value>>,
}

/// Configurations by name, and the rules that choose one for a request that was allowed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DynamicConfig {
    /// At most 1000, each with a name of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub configs: Vec<Config>,
    /// At most 1000. The first whose condition applies chooses. When none does, `spec.config` serves; without that the answer is 502.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<DynamicRule>,
}

/// Chooses a configuration: exactly one of `configName`, `eval` and `opa`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DynamicRule {
    /// When the rule applies.
    pub condition: Condition,
    /// The configuration that it chooses; `default` is `spec.config`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_name: Option<String>,
    /// A CEL expression that gives a whole configuration, as a map with the fields of one. It may lead only to origins that are written
    /// out: in the expression, in a configuration of the Service, or in the Gateway's `callouts.allow`. Where it reads a missing key,
    /// the next rule is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eval: Option<String>,
    /// A Rego module whose rule `result` gives a whole configuration, as `eval` does. Where it is undefined, the next rule is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opa: Option<Opa>,
}
