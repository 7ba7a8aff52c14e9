use serde::Deserialize;

use super::{Empty, ObjectRef};

/// An API outside, by its hosts and ports.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
pub struct ExternalService {
    #[serde(default)]
    pub hosts: Vec<String>,
    #[serde(default)]
    pub ports: Vec<ExternalPort>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExternalPort {
    pub name: Option<String>,
    pub number: u16,
    pub protocol: Option<String>,
    pub clientside_tls: Option<ClientsideTls>,
}

/// TLS towards the upstream, checked by the roots that every host trusts.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct ClientsideTls {}

/// Where requests go: exactly one of `ai` and `static`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Upstream {
    pub ai: Option<Llm>,
    #[serde(rename = "static")]
    pub fixed: Option<StaticUpstream>,
    pub ssl_config: Option<SslConfig>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct SslConfig {
    pub sni: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StaticUpstream {
    #[serde(default)]
    pub hosts: Vec<StaticHost>,
    pub use_tls: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct StaticHost {
    pub addr: String,
    pub port: u16,
}

/// One provider of language models, or `multi`: several of them.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Llm {
    pub openai: Option<Provider>,
    pub mistral: Option<Provider>,
    pub anthropic: Option<Provider>,
    pub gemini: Option<Provider>,
    pub azure_openai: Option<AzureOpenAi>,
    pub multi: Option<MultiPool>,
}

/// OpenAI, Mistral, Anthropic or Gemini.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Provider {
    pub auth_token: Option<AuthToken>,
    pub custom_host: Option<CustomHost>,
    pub model: Option<String>,
    /// Anthropic's.
    pub version: Option<String>,
    /// Gemini's.
    pub api_version: Option<String>,
}

#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AzureOpenAi {
    pub auth_token: Option<AuthToken>,
    pub custom_host: Option<CustomHost>,
    pub endpoint: Option<String>,
    pub deployment_name: String,
    pub api_version: Option<String>,
}

#[derive(Clone, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum AuthToken {
    Inline(String),
    SecretRef(ObjectRef),
    Passthrough(Empty),
}

impl std::fmt::Debug for AuthToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Inline(_) => "Inline",
            Self::SecretRef(_) => "SecretRef",
            Self::Passthrough(_) => "Passthrough",
        })
    }
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomHost {
    pub host: String,
    pub port: Option<u16>,
    pub hostname: Option<String>,
    pub path_override: Option<PathOverride>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PathOverride {
    pub full_path: Option<String>,
    pub base_path: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct MultiPool {
    #[serde(default)]
    pub priorities: Vec<Priority>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct Priority {
    #[serde(default)]
    pub pool: Vec<Llm>,
}
