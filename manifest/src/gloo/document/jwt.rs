use std::collections::BTreeMap;

use serde::Deserialize;

use super::RouteSelector;

/// Tokens of other issuers that callers of some routes present.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct JwtPolicy {
    #[serde(default)]
    pub apply_to_routes: Vec<RouteSelector>,
    pub config: JwtConfig,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct JwtConfig {
    #[serde(default)]
    pub providers: BTreeMap<String, JwtProvider>,
    pub validation_policy: Option<ValidationPolicy>,
    /// As older versions have it; it wins over `validationPolicy`.
    pub allow_missing_or_failed_jwt: Option<bool>,
    #[serde(default)]
    pub disable: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ValidationPolicy {
    RequireValid,
    AllowMissing,
    AllowMissingOrFailed,
}

/// One issuer. Its keys are in `jwks`, or in `remote` or `local` as RouteTable's policies have it.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct JwtProvider {
    pub issuer: Option<String>,
    #[serde(default)]
    pub audiences: Vec<String>,
    pub jwks: Option<Jwks>,
    pub remote: Option<RemoteJwks>,
    pub local: Option<LocalJwks>,
    pub token_source: Option<TokenSource>,
    #[serde(default)]
    pub keep_token: bool,
    #[serde(default)]
    pub claims_to_headers: Vec<ClaimToHeader>,
    pub clock_skew_seconds: Option<u32>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct Jwks {
    pub remote: Option<RemoteJwks>,
    pub local: Option<LocalJwks>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemoteJwks {
    pub url: String,
    pub cache_duration: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct LocalJwks {
    pub key: Option<String>,
    pub inline: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenSource {
    #[serde(default)]
    pub headers: Vec<TokenHeader>,
    #[serde(default)]
    pub query_params: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct TokenHeader {
    pub header: Option<String>,
    /// Another name for `header`.
    pub name: Option<String>,
    pub prefix: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct ClaimToHeader {
    pub claim: String,
    pub header: String,
    #[serde(default)]
    pub append: bool,
}
