use serde::{Deserialize, Serialize};

use super::{InlineBody, KeyValue};
use crate::resource::{Duration, is_default};

/// At most `limit` requests in any `window`. Refused requests count as well.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RateLimitPlugin {
    /// Requests, at least 1.
    #[serde(deserialize_with = "crate::resource::integer::required")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::resource::integer::Integer"))]
    pub limit: u64,
    /// At least 1 second.
    pub window: Duration,
    /// Who shares the limit. Default: each session has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<RateLimitKey>,
    /// The status of a refusal. Default 429.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_code: Option<u16>,
    /// The body of a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<InlineBody>,
    /// The headers of a refusal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<KeyValue>,
}

/// Who shares a limit: exactly one of the keys.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RateLimitKey {
    /// A CEL expression that gives a string; requests with the same string share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eval: Option<String>,
    /// Each session has its own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub per_session: bool,
    /// Each user has their own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub per_user: bool,
}
