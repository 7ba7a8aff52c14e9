use serde::{Deserialize, Serialize};

use super::{InlineBody, KeyValue, RateLimitKey, StoreFailure};
use crate::resource::{Duration, is_default};

/// At most `limit` requests under way at once. A request counts from when the plugin runs until its answer has been sent to the end,
/// its caller went away or the upstream broke off. Each plugin of each configuration counts for itself, by service, plugin and `key`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConcurrencyLimitPlugin {
    /// Requests under way at once, at least 1.
    #[serde(deserialize_with = "crate::resource::integer::required")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::resource::integer::Integer"))]
    pub limit: u64,
    /// Who shares the limit. Default: each session has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<RateLimitKey>,
    /// A request of which nothing is heard for one to two of these is no longer counted, as when an instance of the gateway is lost;
    /// so it should be longer than an answer takes to begin, all attempts together, and than it falls silent. 1 second to 24 hours. Default: 15 minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Duration>,
    /// The status of a refusal, 200 to 599. Default 429.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_code: Option<u16>,
    /// The body of a refusal. Default: an error in the shape of OpenAI's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<InlineBody>,
    /// Headers of a refusal. They replace the gateway's own of the same name, such as `Retry-After`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<KeyValue>,
    /// What happens to a request that cannot be counted. Default `REFUSE`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on_store_failure: StoreFailure,
}
