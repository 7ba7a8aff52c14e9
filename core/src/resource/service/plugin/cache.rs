use serde::{Deserialize, Serialize};

use crate::resource::{Duration, is_default};

/// Answers repeated GET and HEAD requests from memory.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CachePlugin {
    /// What must be equal. Default: method, host, URI, configuration and session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<CacheKey>,
    /// How long an answer is kept; `max-age` of the response shortens it. Default 10 minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<Duration>,
    /// Bytes of the largest answer that is kept, at most 32 MiB. Default 4 MiB.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::resource::integer::option")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::resource::integer::Integer>"))]
    pub max_size: Option<u64>,
    /// Say `X-Cache: HIT` or `MISS`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub use_x_cache_header: bool,
    /// Keep answers to other methods too.
    #[serde(default, skip_serializing_if = "is_default")]
    pub allow_unsafe_methods: bool,
}

/// What must be equal.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CacheKey {
    /// A CEL expression that gives a string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eval: Option<String>,
}
