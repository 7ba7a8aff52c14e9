use serde::{Deserialize, Serialize};

/// Configurations that share the requests. One that fails is replaced by the next one of its pool, and then by the next pool's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pool {
    /// Names from `dynamicConfig.configs`, or `default`. Their order says nothing: each request begins with one of them, chosen by
    /// chance. None of them is named twice, nor has pools itself. Of such a configuration `upstream`, `ai` and of `http` the fields
    /// `auth`, `header`, `path`, `query`, `timeout`, `idleTimeout`, `maxStreamDuration`, `mirror`, `response` and `isUpstreamHTTP2`
    /// count, made anew for each attempt after what the configuration with the pools changes; everything else is that
    /// configuration's.
    pub configs: Vec<String>,
}
