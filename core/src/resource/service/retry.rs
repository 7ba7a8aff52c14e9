use serde::{Deserialize, Serialize};

use crate::resource::{Duration, is_default};

/// Repeats a request that failed: 502, 503, 504 and errors of the network always, others as listed. The body is kept for it, and a
/// response that has begun is never repeated. Not supported yet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Retry {
    /// At most 100. Default 12.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_retries: Option<u32>,
    /// The wait before the first repetition. Default 500 milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_interval: Option<Duration>,
    /// The longest wait. Default 60 seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_interval: Option<Duration>,
    /// No repetition begins later than this. Default 10 seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_elapsed_time: Option<Duration>,
    /// Each wait is this many times the one before. Default 1.5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiplier: Option<f64>,
    /// Further statuses that are repeated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status_codes: Vec<u16>,
    /// Repeat on every 5xx.
    #[serde(default, skip_serializing_if = "is_default")]
    pub retry_on_server_errors: bool,
}
