use serde::{Deserialize, Serialize};

use crate::resource::is_default;

/// Requests by host, path and more that the Service answers besides those to its own host. On its own host, its routes choose the
/// configuration, and where none applies the default one holds.
///
/// Of several routes that apply to a request, of all Services, the first in this order is taken: an exact host, the longest wildcard,
/// `*`; the lower `order`; an exact path, a regular expression, the longer prefix; a match with `methods`; one with more `headers`;
/// with more `query`; the lower `tieBreak`; then the Service's name and the place in the list. The gateway's own endpoints and the Services' own hosts come
/// before all routes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Route {
    /// Names it in the access log and in `postern explain`; unique in the Service, at most 128 characters. Default: its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `api.example.com`; `*.example.com` for every host below that one; `*` for every host. Without ports; at most 100. Default: `*`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// Routes of a lower order are looked at first. Default 0.
    #[serde(default, skip_serializing_if = "is_default")]
    pub order: i32,
    /// Of matches that say as much as each other, the one whose route has the lower number comes first. Default 0.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tie_break: u32,
    /// One of these has to apply; at most 100. Default: every request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<RouteMatch>,
    /// The configuration for these requests. Default: `default`, and then the rules of `dynamicConfig` choose as for any other request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_name: Option<String>,
}

/// What a request has to be like: everything that is set has to apply.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RouteMatch {
    /// Default: every path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathMatch>,
    /// One of these, in upper case; at most 16. `GET` does not include `HEAD`. A preflight request of a browser counts as the method that
    /// it asks for. Default: every method.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    /// All of these; at most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<ValueMatch>,
    /// All of these parameters of the query; at most 16. Of a parameter that is there more often the first one counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<ValueMatch>,
}

/// Exactly one of `prefix`, `exact` and `regex`. They are compared with the path without its query, percent-decoded but for `%2F`, `%5C`
/// and `%25`. A path that servers may read in another way (`//`, `%2F`, `;`, a second layer of encoding) is refused with 400 where that
/// reading would lead to another route.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PathMatch {
    /// Whole segments: `/openai` applies to `/openai` and `/openai/x`, never to `/openaix`. A slash at its end means nothing. At most 512
    /// characters, as the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// The whole path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exact: Option<String>,
    /// A regular expression for the whole path, without look-around and back-references.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
    /// Upper and lower case of ASCII letters are the same.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ignore_case: bool,
}

/// A header or a parameter: `value`, `regex` or, without both, that it is there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ValueMatch {
    /// Of the header, in any case, or of the parameter.
    pub name: String,
    /// The whole value. The lines of a header that is there more than once are joined by `, `.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// A regular expression for the whole value, without look-around and back-references; at most 512 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
    /// Applies where the rest does not, and so also where nothing of that name is there.
    #[serde(default, skip_serializing_if = "is_default")]
    pub invert: bool,
}
