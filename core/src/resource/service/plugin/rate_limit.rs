use serde::{Deserialize, Serialize};

use super::{InlineBody, KeyValue};
use crate::resource::wire_enum::wire_enum;
use crate::resource::{Duration, is_default};

/// At most `limit` requests in any `window`. Refused requests count as well. Each plugin of each configuration counts for itself, by
/// service, plugin and `key`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RateLimitPlugin {
    /// Requests, at least 1.
    #[serde(deserialize_with = "crate::resource::integer::required")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::resource::integer::Integer"))]
    pub limit: u64,
    /// 1 second to 366 days. A request is forgotten after the window, or up to a tenth of it later.
    pub window: Duration,
    /// Who shares the limit. Default: each session has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<RateLimitKey>,
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

wire_enum! {
    /// What happens to a request when the counters cannot be reached.
    pub enum StoreFailure (default Refuse) {
        /// 503, to be tried again a second later.
        Refuse = 0 "REFUSE",
        /// It passes uncounted, and the log says so.
        Admit = 1 "ADMIT",
    }
}

/// Who shares a limit: exactly one of the keys. A request without a session, as before authentication or at an anonymous Service,
/// counts by the client's address, and an IPv6 address by its first 64 bits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RateLimitKey {
    /// A CEL expression that gives a string; requests with the same string share. Where it reads what a request does not have, or
    /// gives an empty string, the session counts. Any other failure is a 500. A string that callers choose, such as a header, lets
    /// them choose whose limit they use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eval: Option<String>,
    /// Each session has its own: all tokens of one credential share it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub per_session: bool,
    /// Each user has their own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub per_user: bool,
}
