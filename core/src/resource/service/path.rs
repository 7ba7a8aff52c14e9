use serde::{Deserialize, Serialize};

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
