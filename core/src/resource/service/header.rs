use serde::{Deserialize, Serialize};

use crate::resource::is_default;
use crate::resource::wire_enum::wire_enum;

/// Changes to headers. On a request the order is: what the gateway strips, `authorizationMode`, keep, plugins, add, remove, the upstream's
/// credential. On a response: add, then remove.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HeaderRules {
    /// Request headers to set; at most 256.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_request_headers: Vec<SetHeader>,
    /// Response headers to set; at most 256.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_response_headers: Vec<SetHeader>,
    /// Names of request headers to remove.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_request_headers: Vec<String>,
    /// Names of response headers to remove.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_response_headers: Vec<String>,
    /// Names of the caller's headers that may reach the upstream, at most 256; all others end at the gateway, before plugins and the
    /// rules here set theirs. `x-a*` stands for all names that begin with `x-a`, `*` for all. `Authorization` (for which
    /// `authorizationMode` is there), `Cdn-Loop`, `Content-*` and `Sec-WebSocket-*` need not be named. Default: all; with `ai` those
    /// that clients of model providers send: `Accept`, `Accept-Encoding`, `Accept-Language`, `Anthropic-*`, `Api-Key`, `HTTP-Referer`,
    /// `Idempotency-Key`, `If-Match`, `If-Modified-Since`, `If-None-Match`, `If-Range`, `OpenAI-*`, `Prefer`, `Range`, `User-Agent`,
    /// `X-Api-Key`, `X-App`, `X-Client-Request-Id`, `X-Goog-*`, `X-Ms-*`, `X-Stainless-*`, `X-Title`. With `pools`, the list of
    /// the configuration that has them counts, and its default is that of `ai` when all that they name have `ai`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_request_headers: Option<Vec<String>>,
    /// What the upstream hears of the caller's address.
    #[serde(default, skip_serializing_if = "is_default")]
    pub forwarded_mode: ForwardedMode,
    /// The `Host` that the upstream sees. Default: that of its URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostRule>,
    /// What becomes of the caller's own `Authorization`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub authorization_mode: AuthorizationMode,
}

/// A header to set: exactly one of `value` and `eval`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetHeader {
    /// The header's name.
    pub key: String,
    /// The header's value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// A CEL expression that gives a string. A missing key sets nothing, and the caller's own header of that name is removed all the same; any other failure is a 500.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eval: Option<String>,
    /// Add a second line instead of replacing the first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub append: bool,
}

wire_enum! {
    /// What the upstream hears of the caller's address: `Forwarded`, `X-Forwarded-*`, `X-Real-IP`.
    pub enum ForwardedMode (default Unset) {
        /// As `DROP`.
        Unset = 0 "UNSET",
        /// Nothing.
        Drop = 1 "DROP",
        /// The scheme and host, with random identifiers in place of addresses.
        Obfuscate = 2 "OBFUSCATE",
        /// The caller's address, scheme and host, as the platform tells them.
        Transparent = 3 "TRANSPARENT",
    }
}

/// The `Host` that the upstream sees; by default that of its URL. Exactly one of the keys.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HostRule {
    /// The Service's own public host.
    #[serde(default, skip_serializing_if = "is_default")]
    pub preserve: bool,
    /// This text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// A CEL expression that gives a string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eval: Option<String>,
}

wire_enum! {
    /// What becomes of the caller's own `Authorization`.
    pub enum AuthorizationMode (default AuthorizationModeUnset) {
        /// It is removed, except on an anonymous Service.
        AuthorizationModeUnset = 0 "AUTHORIZATION_MODE_UNSET",
        /// It reaches the upstream, unless it is a token of this gateway.
        Pass = 1 "PASS",
        /// It is removed.
        Delete = 2 "DELETE",
    }
}
