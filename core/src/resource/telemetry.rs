use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::service::SecretHeader;
use super::wire_enum::wire_enum;
use super::{Duration, is_default};

/// Export of telemetry.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Telemetry {
    /// An OpenTelemetry collector.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::feature::part::otlp")]
    pub otlp: Option<OtlpExporter>,
}

/// An OpenTelemetry collector that takes OTLP over HTTP. As in the access log, no credential is in what is sent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OtlpExporter {
    /// Its base URL, as in `https://otel.example.com:4318`. `/v1/logs`, `/v1/traces` and `/v1/metrics` are appended.
    pub url: String,
    /// How messages are written. Default `PROTOBUF`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub protocol: OtlpProtocol,
    /// Headers to send, such as an API key; at most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<SecretHeader>,
    /// What is sent. Default: all of it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub signals: OtlpSignals,
    /// Attributes of the resource, beside `service.name` (`postern`), `service.version`, `service.instance.id` and
    /// `postern.region.name`, or in their place; at most 64.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub resource_attributes: BTreeMap<String, String>,
    /// The share of traces that are sent, 0 to 1, of those that begin at the gateway. For the others, the caller's `traceparent`
    /// says whether they are. Default 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling: Option<f64>,
    /// Tell upstreams the trace, by `traceparent` and `tracestate` (W3C Trace Context). Without it they are told nothing, the caller's
    /// own headers of these names included: most upstreams belong to somebody else.
    #[serde(default, skip_serializing_if = "is_default")]
    pub propagate: bool,
    /// When and how much is sent at once.
    #[serde(default, skip_serializing_if = "is_default")]
    pub batch: OtlpBatch,
}

/// The signals of OpenTelemetry, each on unless it is `false`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OtlpSignals {
    /// An entry of the access log for each request. Default `true`.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub logs: bool,
    /// A span for each request, and one for each call to its upstream. Default `true`.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub traces: bool,
    /// Counts, durations and sizes. Default `true`.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub metrics: bool,
}

/// When and how much is sent at once. Each thread or instance of the gateway has a batch of its own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OtlpBatch {
    /// Log entries or spans that are sent in one message, without waiting for more; 1 to 4096. Default 256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u32>,
    /// How long they wait for others, at most 1 minute. Default 5 seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<Duration>,
    /// Bytes of log entries that wait, and as many of spans; 64 KiB to 16 MiB. Beyond that the oldest are lost, and counted. Default
    /// 1 MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_queue_bytes: Option<u32>,
}

wire_enum! {
    /// How OTLP messages are written.
    pub enum OtlpProtocol (default Protobuf) {
        /// Binary protobuf, the default of OTLP over HTTP.
        Protobuf = 0 "PROTOBUF",
        /// JSON.
        Json = 1 "JSON",
    }
}

impl Default for OtlpSignals {
    fn default() -> Self {
        Self { logs: true, traces: true, metrics: true }
    }
}

fn yes() -> bool {
    true
}

fn is_yes(value: &bool) -> bool {
    *value
}
