use serde::{Deserialize, Serialize};

use crate::resource::is_default;

/// What an instance may do.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecurityContext {
    /// The image's files cannot be changed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub read_only_root_filesystem: bool,
    /// The numeric user id.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::resource::integer::option")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::resource::integer::Integer>"))]
    pub run_as_user: Option<u64>,
    /// Linux capabilities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<LinuxCapabilities>,
}

/// Linux capabilities by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LinuxCapabilities {
    /// Capabilities to add.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<String>,
    /// Capabilities to take away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drop: Vec<String>,
}
