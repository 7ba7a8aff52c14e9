use serde::{Deserialize, Serialize};

use super::{BodySettings, Cors, HeaderRules, Mirror, PathRules, Plugin, QueryRules, ResponseSettings, Retry, UpstreamAuth, Visibility};
use crate::resource::{Duration, is_default};

/// What is done to HTTP requests and responses.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Http {
    /// The credential for the upstream. It replaces whatever the caller sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<UpstreamAuth>,
    /// Changes to headers.
    #[serde(default, skip_serializing_if = "is_default")]
    pub header: HeaderRules,
    /// Changes to the path.
    #[serde(default, skip_serializing_if = "is_default")]
    pub path: PathRules,
    /// Changes to the query.
    #[serde(default, skip_serializing_if = "is_default")]
    pub query: QueryRules,
    /// How request bodies are read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub body: BodySettings,
    /// Read request bodies even if no rule does.
    #[serde(default, skip_serializing_if = "is_default")]
    pub enable_request_buffering: bool,
    /// Speak HTTP/2 to the upstream (`h2c` for `http`).
    #[serde(default, rename = "isUpstreamHTTP2", skip_serializing_if = "is_default")]
    pub is_upstream_http2: bool,
    /// Answers of the gateway's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<ResponseSettings>,
    /// What the access log may hold.
    #[serde(default, skip_serializing_if = "is_default")]
    pub visibility: Visibility,
    /// Which pages of other origins may call. Read from the default configuration only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cors: Option<Cors>,
    /// Sends requests again that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// Until the head of the upstream's response, 1 millisecond to 1 hour; then the answer is 504. Each attempt of `retry` has as long.
    /// Default: the host's own, 10 minutes on the native one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// For how long the upstream may be silent within its response's body, 1 millisecond to 1 hour, or 0 for any time; then the response
    /// breaks off, and a stream of events ends in an error. Default: the host's own, 10 minutes on the native one over HTTP/1.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_timeout: Option<Duration>,
    /// From the beginning of a call to the end of its response's body, 1 millisecond to 24 hours; then the response breaks off, and a
    /// stream of events ends in an error. Each attempt of `retry` has as long. WebSockets may take longer. Default: no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_stream_duration: Option<Duration>,
    /// Upstreams that get a copy of requests, and whose answers nobody reads; at most 4.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "crate::feature::part::mirrors")]
    pub mirror: Vec<Mirror>,
    /// What else is done to requests and responses; at most 256. Within a phase they run by kind: `path`, `rateLimit`,
    /// `concurrencyLimit`, `jsonSchema`, `direct`, `cache`, `lua`, `transform`, `extProc`, and in the order of the list among one kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<Plugin>,
    /// Accept HTTP/2 without TLS from callers. Informative: the host decides that.
    #[serde(default, rename = "listenHTTP2", skip_serializing_if = "is_default")]
    pub listen_http2: bool,
}
