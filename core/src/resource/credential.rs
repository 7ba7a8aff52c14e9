use serde::{Deserialize, Serialize};

use super::wire_enum::wire_enum;
use super::{Authorization, SessionType, is_default};

/// A way for a user to prove who they are. The resource says what it may do; its secret material lives in the store, made by
/// `postern create credential`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Credential {
    /// How it is presented.
    #[serde(rename = "type")]
    pub kind: CredentialType,
    /// The name of the User that it belongs to; a `WORKLOAD`.
    pub user: String,
    /// RFC 3339, as in `2027-01-31T00:00:00Z`; refused from then on. Default: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// Policies for requests made with this credential only.
    #[serde(default, skip_serializing_if = "is_default")]
    pub authorization: Authorization,
    /// A disabled credential is refused.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_disabled: bool,
    /// How often it may be used to sign in. Not supported yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_authentications: Option<u32>,
    /// What sessions it makes; `CLIENTLESS` is the only one at the edge.
    #[serde(default, skip_serializing_if = "is_default")]
    pub session_type: SessionType,
    /// Removes the Credential when it has been used up. Not supported yet.
    #[serde(default, skip_serializing_if = "is_default")]
    pub auto_delete: bool,
}

wire_enum! {
    /// What a credential is presented as.
    pub enum CredentialType {
        /// A token for Octelium's own clients. Not supported.
        AuthToken = 1 "AUTH_TOKEN",
        /// A client id and secret for the token endpoint (RFC 6749 §4.4).
        Oauth2 = 2 "OAUTH2",
        /// A bearer token, ready to use.
        AccessToken = 3 "ACCESS_TOKEN",
        /// An API key. Not supported yet.
        ApiKey = 100 "API_KEY",
    }
}
