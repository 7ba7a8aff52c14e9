use serde::{Deserialize, Serialize};

use crate::resource::{Duration, is_default};

/// Sends a request again that failed: on 502, 503 and 504 and when there is no connection always, on other statuses as listed, and on
/// a connection that broke or an answer that did not come in time unless the method may have had an effect (`POST`, `PATCH`). The
/// body is kept for it, within `body.maxRequestSize`. A response that has begun is never repeated. Waits grow from one to the next, and
/// each is half to one and a half times as long as it says here, by chance.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Retry {
    /// Repetitions, the first attempt not counted; at most 100. Default 12.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_retries: Option<u32>,
    /// The wait before the first repetition; at most 1 hour, as the others. Default 500 milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_interval: Option<Duration>,
    /// The longest wait. A `Retry-After` of the upstream up to this is obeyed; with a later one its answer is the caller's. Default 60 seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_interval: Option<Duration>,
    /// No repetition begins later than this after the first attempt began. Default 10 seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_elapsed_time: Option<Duration>,
    /// Each wait is this many times the one before; 1 to 100. Default 1.5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiplier: Option<f64>,
    /// Further statuses that are repeated, such as 429; 400 to 599.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status_codes: Vec<u16>,
    /// Repeat on every 5xx.
    #[serde(default, skip_serializing_if = "is_default")]
    pub retry_on_server_errors: bool,
}
