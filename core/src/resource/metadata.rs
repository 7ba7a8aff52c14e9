use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What every resource has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Metadata {
    /// Unique among the resources of its kind. Lower-case letters, digits and single hyphens, a letter first, 2 to 40 characters
    /// a label. A Service may be `name.namespace`; a Policy may have parents, as in `c.b.a`.
    pub name: String,
    /// Made from the domain, the kind and the name when absent (UUID version 5), so it is the same on every host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// For people; at most 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// For people; at most 1024 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Free text by key, at most 64.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Free words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Free text by key, at most 64.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// The address of a picture.
    #[serde(default, rename = "picURL", skip_serializing_if = "Option::is_none")]
    pub pic_url: Option<String>,
}
