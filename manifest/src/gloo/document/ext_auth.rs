use std::collections::BTreeMap;

use serde::Deserialize;

use super::{ObjectRef, RouteSelector};

/// How callers of some routes prove who they are.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExtAuthPolicy {
    #[serde(default)]
    pub apply_to_routes: Vec<RouteSelector>,
    pub config: ExtAuthConfig,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExtAuthConfig {
    pub gloo_auth: Option<GlooAuth>,
    /// Nobody has to prove anything, whatever other policies say.
    #[serde(default)]
    pub disable: bool,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GlooAuth {
    #[serde(default)]
    pub configs: Vec<AuthStep>,
    pub boolean_expr: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthStep {
    pub name: Option<String>,
    pub api_key_auth: Option<ApiKeyAuth>,
    pub basic_auth: Option<BasicAuth>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyAuth {
    pub header_name: Option<String>,
    #[serde(default)]
    pub headers_from_metadata_entry: BTreeMap<String, MetadataEntry>,
    pub k8s_secret_apikey_storage: Option<SecretStorage>,
    /// As older versions have it.
    #[serde(default)]
    pub label_selector: BTreeMap<String, String>,
    /// As older versions have it.
    #[serde(default)]
    pub api_key_secret_refs: Vec<ObjectRef>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct MetadataEntry {
    pub name: String,
    #[serde(default)]
    pub required: bool,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretStorage {
    #[serde(default)]
    pub label_selector: BTreeMap<String, String>,
    #[serde(default)]
    pub api_key_secret_refs: Vec<ObjectRef>,
}

/// Names and hashed passwords: `apr`, or `encryption` with `userList`.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BasicAuth {
    #[serde(default)]
    pub realm: String,
    pub apr: Option<Users>,
    pub encryption: Option<Encryption>,
    pub user_list: Option<Users>,
}

#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct Users {
    #[serde(default)]
    pub users: BTreeMap<String, HashedPassword>,
}

#[derive(Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HashedPassword {
    pub salt: Option<String>,
    pub hashed_password: String,
}

impl std::fmt::Debug for HashedPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HashedPassword")
    }
}

/// How the passwords of a `userList` are hashed.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct Encryption {
    pub apr: Option<super::Empty>,
    pub sha1: Option<super::Empty>,
}
