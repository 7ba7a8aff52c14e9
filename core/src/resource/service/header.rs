use serde::{Deserialize, Serialize};

use crate::resource::is_default;
use crate::resource::wire_enum::wire_enum;

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
