use serde::{Deserialize, Serialize};

/// A value that Services refer to by name and no caller ever sees. `postern create secret NAME` is the better way: a plain value
/// in a file is sealed when the configuration is compiled, but the file still holds it.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Secret {
    /// What `postern create secret NAME --sealed` prints: safe to commit, opened with `POSTERN_KEY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
    /// A plain value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<SecretData>,
}

/// A plain value: exactly one of the keys.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecretData {
    /// Text. One newline at its end is cut. 1 byte to 512 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Base64 (RFC 4648 §4, with padding); taken as it is. 1 byte to 512 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_bytes: Option<String>,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl std::fmt::Debug for SecretData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretData")
    }
}
