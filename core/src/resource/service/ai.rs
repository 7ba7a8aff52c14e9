use serde::{Deserialize, Serialize};

use crate::resource::is_default;
use crate::resource::wire_enum::wire_enum;

/// What a provider of language models expects of a request's path, its headers and the model's name. The credential is `http.auth`:
/// `bearer` for `OPENAI` and `MISTRAL`, `custom` with the header `x-api-key`, `x-goog-api-key` or `api-key` for the others. With a
/// credential none of the caller's own keys goes on. Bodies keep every byte that no field here changes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ai {
    /// Whose API it is. Errors of the gateway's own then look like that provider's.
    pub provider: AiProvider,
    /// The model, whatever the caller asks for: in the body for `OPENAI`, `MISTRAL` and `ANTHROPIC`, in the path for `GEMINI`. A body
    /// that is not a JSON object is then 400. At most 256 bytes. Default: the caller's. Other endpoints of the provider, such as
    /// `/v1/embeddings` or `/v1/files`, are not touched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// `ANTHROPIC`: the header `anthropic-version`. Default: the caller's, or else `2023-06-01`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `GEMINI`: the first segment of the path; default the caller's, or else `v1beta`. `AZURE_OPENAI`: the parameter `api-version`;
    /// default the caller's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// `AZURE_OPENAI`: the deployment, which stands in the path. Default: that of the caller's path, or else the body's `model`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<String>,
    /// Another path than the provider's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<AiPath>,
    /// Every answer is a stream, whatever the caller asks for: `stream: true` in the body, for `OPENAI` and `AZURE_OPENAI` with
    /// `stream_options.include_usage`; for `GEMINI` `streamGenerateContent?alt=sse`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub streaming: bool,
}

/// Where a provider's API is, if not where it usually is: exactly one of `full` and `base`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AiPath {
    /// Path and query of every call of a model, in place of the provider's and the caller's. At most 512 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full: Option<String>,
    /// What stands before the provider's own path. At most 512 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
}

wire_enum! {
    /// A provider of language models, or a server that speaks as it does.
    pub enum AiProvider (default Unset) {
        /// Refused: the provider must be set.
        Unset = 0 "PROVIDER_UNSET",
        /// `/v1/chat/completions`.
        OpenAi = 1 "OPENAI",
        /// `/v1/messages` and `/v1/messages/count_tokens`.
        Anthropic = 2 "ANTHROPIC",
        /// `/v1beta/models/MODEL:generateContent`, or what else the caller's path asks of a model.
        Gemini = 3 "GEMINI",
        /// `/openai/deployments/DEPLOYMENT/chat/completions`.
        AzureOpenAi = 4 "AZURE_OPENAI",
        /// As `OPENAI`.
        Mistral = 5 "MISTRAL",
    }
}
