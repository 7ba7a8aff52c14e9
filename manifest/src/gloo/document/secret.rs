use std::collections::BTreeMap;

use serde::Deserialize;

use super::Metadata;

/// A Secret of Kubernetes.
#[derive(Clone, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Secret {
    pub metadata: Metadata,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Base64.
    #[serde(default)]
    pub data: BTreeMap<String, String>,
    /// As it is; it wins over `data`.
    #[serde(default)]
    pub string_data: BTreeMap<String, String>,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}
