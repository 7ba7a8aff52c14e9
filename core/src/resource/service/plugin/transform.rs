use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::resource::is_default;
use crate::resource::service::Passthrough;
use crate::resource::wire_enum::wire_enum;

/// Changes requests and responses by templates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TransformPlugin {
    /// What is done to the request. One that cannot be transformed is answered 400.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Transformation>,
    /// What is done to the response. One that cannot be transformed is answered 502, but an error of the upstream's (400 and above),
    /// which passes as it is. An event stream passes as it is when the transformation reads or replaces the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Transformation>,
}

/// Changes to one message. All templates see the message as it came. The body is read only when an extractor or a template needs it,
/// within `maxRequestSize`; at most one of `body`, `passthrough`, `mergeExtractorsToBody` and `mergeJsonKeys` says what becomes of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Transformation {
    /// Variables that are taken from a header or the body by a regular expression, by name; at most 64. A dot in a name leads into an
    /// object. They stand before fields of the body that have the same name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extractors: BTreeMap<String, Extractor>,
    /// Headers to set, by name; at most 256. What is rendered to nothing removes the header. `:path` and `:method` of a request and
    /// `:status` of a response can be set too.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, TemplateText>,
    /// Header lines to add, after the removals; at most 256. What is rendered to nothing is not added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers_to_append: Vec<AppendHeader>,
    /// Names of headers to remove, after `headers`; at most 256.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers_to_remove: Vec<String>,
    /// Changes to the query; of requests only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<QueryTransformation>,
    /// The new body. An empty one has no `Content-Type`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<TemplateText>,
    /// The body passes unread: no template sees anything of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passthrough: Option<Passthrough>,
    /// The new body is the old one, a JSON object, with what the extractors gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge_extractors_to_body: Option<Passthrough>,
    /// The new body is the old one, a JSON object, with other values of some keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge_json_keys: Option<MergeJsonKeys>,
    /// Extractors are seen by `extraction("name")` only, and a slash leads into values, as in `choices/0/text`, where a dot is part of
    /// a name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub advanced_templates: bool,
    /// Whether the body is read as JSON. Default `PARSE_AS_JSON`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub parse_body_behavior: ParseBodyBehavior,
    /// A body that is not JSON is no error: there are no variables in it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ignore_error_on_parse: bool,
    /// What of the values is escaped as JSON has it. Default `AUTO`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub escape: EscapeMode,
    /// A line of a template that begins with `##` is a statement. Markdown has such lines, so the default is false.
    #[serde(default, skip_serializing_if = "is_default")]
    pub line_statements: bool,
}

/// A template.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TemplateText {
    /// Its source, at most 65,536 bytes.
    #[serde(default)]
    pub text: String,
}

/// A header line to add.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppendHeader {
    /// The header's name.
    pub key: String,
    /// The header's value.
    pub value: TemplateText,
}

/// What an extractor takes: exactly one of `header` and `body`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Extractor {
    /// The header's name; its first line counts. `:path`, `:method` and `:authority` of a request and `:status` of a response are names
    /// too. One that is missing is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// The body, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Passthrough>,
    /// A regular expression of a linear engine: without look-around and back-references. A dot matches no newline; `[\s\S]*` matches
    /// everything.
    pub regex: String,
    /// Which group of the expression; 0, the default, is all of it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub subgroup: u32,
    /// What is done. Default `EXTRACT`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mode: ExtractMode,
    /// What takes the place of what was found. In `REPLACE_ALL`, `$1` is a group, `$&` all of it and `$$` a dollar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement_text: Option<String>,
}

/// Changes to the query.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueryTransformation {
    /// Parameters to set, by name; at most 64. Every parameter of that name is replaced; what is rendered to nothing removes it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, TemplateText>,
    /// Names of parameters to remove, before others are set; at most 64.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
}

/// Keys of a JSON object, and their new values.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MergeJsonKeys {
    /// By key, which has no dots; at most 64.
    pub json_keys: BTreeMap<String, MergedKey>,
}

/// The new value of a key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MergedKey {
    /// It must be rendered to JSON, so a string needs its quotes.
    pub tmpl: TemplateText,
    /// What is rendered to nothing becomes an empty string. Default: the key stays as it was.
    #[serde(default, skip_serializing_if = "is_default")]
    pub override_empty: bool,
}

wire_enum! {
    /// What an extractor does.
    pub enum ExtractMode (default Extract) {
        /// Takes the group, if the expression matches the whole text; else nothing.
        Extract = 0 "EXTRACT",
        /// Gives the text with the group replaced, if the expression matches the whole text; else the text as it is.
        SingleReplace = 1 "SINGLE_REPLACE",
        /// Gives the text with everything replaced that the expression matches.
        ReplaceAll = 2 "REPLACE_ALL",
    }
}

wire_enum! {
    /// Whether the body is read as JSON.
    pub enum ParseBodyBehavior (default ParseAsJson) {
        /// Its members are variables. One that is not JSON cannot be transformed; an empty one has no variables, and neither has JSON
        /// that is no object, which `context()` gives.
        ParseAsJson = 0 "PARSE_AS_JSON",
        /// It is text: `body()` gives it.
        DontParse = 1 "DONT_PARSE",
    }
}

wire_enum! {
    /// What of the printed values is escaped as it stands inside a string of JSON (RFC 8259 §7).
    pub enum EscapeMode (default Auto) {
        /// What is printed between double quotes, in a template of a body or a JSON key whose text begins as JSON does.
        Auto = 0 "AUTO",
        /// Nothing.
        Raw = 1 "RAW",
        /// All strings, in headers too.
        Always = 2 "ALWAYS",
    }
}
