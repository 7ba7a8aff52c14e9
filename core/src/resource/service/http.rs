use serde::{Deserialize, Serialize};

use super::HeaderRules;
use crate::resource::is_default;

/// What is done to HTTP requests and responses.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Http {
    /// The credential for the upstream. It replaces whatever the caller sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<UpstreamAuth>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub header: HeaderRules,
    #[serde(default, skip_serializing_if = "is_default")]
    pub path: PathRules,
    #[serde(default, skip_serializing_if = "is_default")]
    pub body: BodySettings,
    /// Read request bodies even if no rule does.
    #[serde(default, skip_serializing_if = "is_default")]
    pub enable_request_buffering: bool,
    /// Speak HTTP/2 to the upstream (`h2c` for `http`).
    #[serde(default, rename = "isUpstreamHTTP2", skip_serializing_if = "is_default")]
    pub is_upstream_http2: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<ResponseSettings>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub visibility: Visibility,
}

/// A credential for the upstream: exactly one of the keys.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpstreamAuth {
    /// `Authorization: Bearer <secret>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bearer: Option<Bearer>,
}

/// A bearer token by the name of its Secret.
pub type Bearer = SecretRef;

/// Refers to a Secret.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecretRef {
    /// The Secret's name.
    pub from_secret: String,
}

/// Changes to the path: first `removePrefix`, where the path starts with it, then `addPrefix`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PathRules {
    /// At most 512 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub add_prefix: Option<String>,
    /// At most 512 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remove_prefix: Option<String>,
}

/// How request bodies are read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BodySettings {
    /// `JSON`: a body that is not a JSON object is refused with 400.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mode: BodyMode,
    /// Bytes that a rule may read, at most 64 MiB; 413 beyond.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_request_size: Option<u64>,
}

/// What a request body must be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BodyMode {
    #[default]
    ModeUnset,
    Json,
}

/// Answers of the gateway's own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResponseSettings {
    /// Answers without an upstream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct: Option<DirectResponse>,
}

/// A fixed answer: exactly one of `inline` and `inlineBytes`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DirectResponse {
    /// 200 to 599. Default 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_code: Option<u16>,
    /// Default: `application/json` for JSON, else `text/plain; charset=utf-8`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Text, at most 50,000 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inline: Option<String>,
    /// Base64, at most 35,000 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inline_bytes: Option<String>,
}

/// What of requests and responses the access log may hold. Credentials never appear, whatever is switched on.
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include_request_headers: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include_response_headers: Vec<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub include_all_request_headers: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub include_all_response_headers: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude_request_headers: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude_response_headers: Vec<String>,
}
