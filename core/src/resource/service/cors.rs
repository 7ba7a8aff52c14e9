use serde::{Deserialize, Serialize};

use crate::resource::is_default;

/// Cross-origin requests of browsers. Preflight requests are answered before authentication. Not supported yet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cors {
    /// Origins, as in `https://app.example.com`, or `*`; at most 64.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow_origin_string_match: Vec<String>,
    /// Separated by commas. Default: the method that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_methods: Option<String>,
    /// Separated by commas. Default: the headers that are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_headers: Option<String>,
    /// Response headers that a page may read, separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expose_headers: Option<String>,
    /// Seconds that a browser may remember the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<String>,
    /// Whether a page may send credentials.
    #[serde(default, skip_serializing_if = "is_default")]
    pub allow_credentials: bool,
    /// Allow the other Services of the same domain.
    #[serde(default, skip_serializing_if = "is_default")]
    pub allow_cluster_services: bool,
}
