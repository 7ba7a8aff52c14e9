use serde::{Deserialize, Serialize};

use crate::resource::is_default;
use crate::resource::wire_enum::wire_enum;

/// How request bodies are read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BodySettings {
    /// `JSON`: a body that is not a JSON object is refused with 400.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mode: BodyMode,
    /// Bytes that a rule may read; 413 beyond. At most 64 MiB. Default: the Gateway's `limits.maxRequestSize`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::resource::integer::option")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::resource::integer::Integer>"))]
    pub max_request_size: Option<u64>,
    /// What a body must conform to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<BodyValidation>,
}

/// What a request body must conform to once the configuration is chosen, before its plugins run; 400 otherwise. An empty body does
/// not conform.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BodyValidation {
    /// A JSON Schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json_schema: Option<SchemaText>,
}

/// A JSON Schema of draft 2020-12. Remote `$ref`s are refused, and `format` is not checked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SchemaText {
    /// The schema as JSON text, at most 30,000 bytes.
    pub inline: String,
}

wire_enum! {
    /// What a request body must be.
    pub enum BodyMode (default ModeUnset) {
        /// Any body passes.
        ModeUnset = 0 "MODE_UNSET",
        /// A body that is not a JSON object is refused with 400.
        Json = 1 "JSON",
    }
}
