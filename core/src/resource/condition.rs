use serde::{Deserialize, Serialize};

/// When something applies: exactly one of the keys. A condition with none of them is refused.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Condition {
    /// `true` always applies, `false` never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub match_any: Option<bool>,
    /// A CEL expression that gives a boolean. A missing key makes it false. At most 10,000 characters.
    #[serde(default, rename = "match", skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
    /// Applies when this CEL expression is false, or reads a missing key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not: Option<String>,
    /// Applies when all of the conditions apply; an empty list never applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all: Option<ConditionList>,
    /// Applies when at least one of the conditions applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any: Option<ConditionList>,
    /// Applies when none of the conditions applies; an empty list never applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub none: Option<ConditionList>,
    /// Applies when the rule `match` of this Rego module is true. Undefined counts as false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opa: Option<Opa>,
}

/// Conditions that are taken together, left to right; at most 100, nested at most 16 deep.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConditionList {
    /// The conditions.
    pub of: Vec<Condition>,
}

/// A Rego module.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Opa {
    /// The module's text, in Rego's version 1 syntax, at most 20,000 bytes. In a condition: `package octelium.condition`, with a rule
    /// `match` that is a boolean. In a rule of `dynamicConfig`: `package octelium.eval`, with a rule `result` that is an object.
    pub inline: String,
}
