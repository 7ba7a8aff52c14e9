use serde::{Deserialize, Serialize};

use super::{Authorization, is_default};

/// A way for a user to prove who they are. The resource says what it may do; its secret material lives in the store, made by
/// `postern create credential`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Credential {
    #[serde(rename = "type")]
    pub kind: CredentialType,
    /// The name of the User that it belongs to.
    pub user: String,
    /// RFC 3339; refused from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// Policies for requests made with this credential only.
    #[serde(default, skip_serializing_if = "is_default")]
    pub authorization: Authorization,
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_disabled: bool,
}

/// What a credential is presented as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CredentialType {
    /// A client id and secret for the token endpoint (RFC 6749 §4.4).
    #[serde(rename = "OAUTH2")]
    Oauth2,
    /// A bearer token, ready to use.
    AccessToken,
    /// An API key. Not supported yet.
    ApiKey,
    /// A token for Octelium's own clients. Not supported.
    AuthToken,
}
