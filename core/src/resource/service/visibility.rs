use serde::{Deserialize, Serialize};

use crate::resource::is_default;

/// What of requests and responses the access log may hold, and a collector is sent. No header that carries a credential appears,
/// whatever is switched on, and no response's body that holds a token of the gateway's or the credential that was injected.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Visibility {
    /// The request's body as text, when a rule reads it anyway and it has at most 32 KiB.
    #[serde(default, skip_serializing_if = "is_default")]
    pub enable_request_body: bool,
    /// The request's body as JSON, likewise.
    #[serde(default, skip_serializing_if = "is_default")]
    pub enable_request_body_map: bool,
    /// The response's body as text, when it is UTF-8 of at most 32 KiB, without a content encoding, and no stream of events. (On
    /// Cloudflare its length has to be declared besides.)
    #[serde(default, skip_serializing_if = "is_default")]
    pub enable_response_body: bool,
    /// The response's body as JSON, likewise.
    #[serde(default, skip_serializing_if = "is_default")]
    pub enable_response_body_map: bool,
    /// Names of request headers that are logged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include_request_headers: Vec<String>,
    /// Names of response headers that are logged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include_response_headers: Vec<String>,
    /// Log all request headers.
    #[serde(default, skip_serializing_if = "is_default")]
    pub include_all_request_headers: bool,
    /// Log all response headers.
    #[serde(default, skip_serializing_if = "is_default")]
    pub include_all_response_headers: bool,
    /// Names of request headers that are not logged, whatever is included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude_request_headers: Vec<String>,
    /// Names of response headers that are not logged, whatever is included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude_response_headers: Vec<String>,
}
