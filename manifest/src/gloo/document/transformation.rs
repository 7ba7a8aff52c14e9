use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::small_policies::Phase;
use super::{Empty, RouteSelector};

/// Templates for requests and responses of some routes.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TransformationPolicy {
    #[serde(default)]
    pub apply_to_routes: Vec<RouteSelector>,
    pub config: TransformationConfig,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct TransformationConfig {
    pub phase: Option<Phase>,
    pub request: Option<Transformation>,
    pub response: Option<Transformation>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Transformation {
    pub inja_template: InjaTemplate,
}

/// One direction. At most one of `body`, `passthrough`, `mergeExtractorsToBody` and `mergeJsonKeys`.
#[derive(Debug, Clone, Default, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InjaTemplate {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advanced_templates: Option<bool>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extractors: BTreeMap<String, Extractor>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Template>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers_to_append: Vec<HeaderToAppend>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers_to_remove: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Template>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passthrough: Option<Empty>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merge_extractors_to_body: Option<Empty>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merge_json_keys: Option<MergeJsonKeys>,
    #[serde(skip_serializing)]
    pub parse_body_behavior: Option<ParseBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore_error_on_parse: Option<bool>,
    #[serde(skip_serializing)]
    pub escape_characters: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Extractor {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Empty>,
    pub regex: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subgroup: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<ExtractMode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replacement_text: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ExtractMode {
    Extract,
    SingleReplace,
    ReplaceAll,
}

#[derive(Debug, Clone, Default, Deserialize, Serialize, schemars::JsonSchema)]
pub struct Template {
    pub text: String,
}

#[derive(Debug, Clone, Default, Deserialize, Serialize, schemars::JsonSchema)]
pub struct HeaderToAppend {
    pub key: String,
    pub value: Template,
}

#[derive(Debug, Clone, Default, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MergeJsonKeys {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub json_keys: BTreeMap<String, JsonKey>,
}

#[derive(Debug, Clone, Default, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct JsonKey {
    pub tmpl: Template,
    #[serde(default)]
    pub override_empty: bool,
}

/// Both spellings are in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
pub enum ParseBody {
    ParseAsJson,
    DontParse,
    #[serde(rename = "PARSE_AS_JSON")]
    ParseAsJsonInCapitals,
    #[serde(rename = "DONT_PARSE")]
    DontParseInCapitals,
}
