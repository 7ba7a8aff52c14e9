use serde::{Deserialize, Serialize};

/// Changes to the query: remove, then set. What they do not name stays as it was written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueryRules {
    /// Parameters to set, in the place of all of that name; at most 64.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<SetParameter>,
    /// Names of parameters to remove; at most 64.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
}

/// A parameter to set: exactly one of `value` and `eval`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetParameter {
    /// The parameter's name, not encoded.
    pub name: String,
    /// The parameter's value, not encoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// A CEL expression that gives a string. A missing key sets nothing, and the caller's own parameter of that name is removed all the
    /// same; any other failure is a 500.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eval: Option<String>,
}
