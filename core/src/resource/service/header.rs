use serde::{Deserialize, Serialize};

use crate::resource::is_default;

/// Changes to headers. On a request the order is: what the gateway strips, `authorizationMode`, add, remove, the upstream's
/// credential. On a response: add, then remove.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HeaderRules {
    /// At most 256.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_request_headers: Vec<SetHeader>,
    /// At most 256.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_response_headers: Vec<SetHeader>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_request_headers: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_response_headers: Vec<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub forwarded_mode: ForwardedMode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostRule>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub authorization_mode: AuthorizationMode,
}

/// A header to set: exactly one of `value` and `eval`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetHeader {
    pub key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// A CEL expression that gives a string. A missing key leaves the header as it was; any other failure is a 500.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eval: Option<String>,
    /// Add a second line instead of replacing the first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub append: bool,
}

/// What the upstream hears of the caller's address: `Forwarded`, `X-Forwarded-*`, `X-Real-IP`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum ForwardedMode {
    /// As `DROP`.
    #[default]
    Unset,
    /// Nothing.
    Drop,
    /// The scheme and host, with random identifiers in place of addresses.
    Obfuscate,
    /// The caller's address, scheme and host, as the platform tells them.
    Transparent,
}

/// The `Host` that the upstream sees; by default that of its URL. Exactly one of the keys.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HostRule {
    /// The Service's own public host.
    #[serde(default, skip_serializing_if = "is_default")]
    pub preserve: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// A CEL expression that gives a string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eval: Option<String>,
}

/// What becomes of the caller's own `Authorization`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AuthorizationMode {
    /// It is removed, except on an anonymous Service.
    #[default]
    AuthorizationModeUnset,
    /// It reaches the upstream, unless it is a token of this gateway.
    Pass,
    /// It is removed.
    Delete,
}
