use serde::{Deserialize, Serialize};

use crate::resource::is_default;

/// Which pages of other origins may call, for browsers. Preflight requests are answered before authentication. What an upstream says of
/// it is replaced. A request of another page is not refused for it: its browser keeps the answer from it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cors {
    /// Origins, as in `https://app.example.com`, compared whole; `null` where it is listed; or `*` for all but `null`, not together with
    /// `allowCredentials`. At most 64.
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
    /// Whether a page may send cookies and other credentials of the browser. A header that it sets itself, such as `Authorization`, needs
    /// no permission of this kind.
    #[serde(default, skip_serializing_if = "is_default")]
    pub allow_credentials: bool,
    /// Allow pages of the gateway's domain and of every host below it; by `http` only where the request comes by `http` too.
    #[serde(default, skip_serializing_if = "is_default")]
    pub allow_cluster_services: bool,
}
