use serde::{Deserialize, Serialize};

/// Changes to the path: either `removePrefix`, where the path starts with it, and then `addPrefix`; or one of the others. The query
/// stays. A path that would leave its prefix, begin with `//` or hold dot segments is answered 400.
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
    /// Takes the place of the prefix by which the request's route was chosen: with `/xyz` for `/foo`, `/foo/bar` becomes `/xyz/bar`. Where
    /// the route has no `prefix`, or there is none, it is the whole path. Not in plugins. At most 512 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replace_prefix: Option<String>,
    /// The whole path. At most 512 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replace_full_path: Option<String>,
    /// Replaces what a pattern matches.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::feature::part::routing")]
    pub regex: Option<PathRegex>,
}

/// Every part of the path, as it was written, that the pattern matches becomes the substitution.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PathRegex {
    /// A regular expression without look-around and back-references; `^` and `$` are the path's ends. At most 512 characters.
    pub pattern: String,
    /// Text, in which `\1` to `\9` are what groups matched, `\0` is the whole match and `\\` a backslash. At most 512 characters.
    pub substitution: String,
}
