use std::collections::BTreeMap;
use std::fmt;

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
    /// The name of the User that it belongs to; a `WORKLOAD`, except for `API_KEY`.
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
    /// `API_KEY` only: keys that come from elsewhere; at most 16. `postern create credential --type api-key` makes better ones, which
    /// are in no file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<ApiKey>,
    /// `API_KEY` only: values that Services can put into headers (`authentication.apiKey.headersFromEntries`); at most 64. They
    /// are secrets: a response's header that repeats one is removed, and neither mirrors nor the log get them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub entries: BTreeMap<String, CredentialEntry>,
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

/// A key that comes from elsewhere: exactly one of `value` and `digest`.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiKey {
    /// The key: 1 to 512 visible characters of ASCII without commas. It becomes a digest when the configuration is compiled, which needs
    /// `POSTERN_KEY`; but the file still holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What a value becomes: safe to commit. It holds as long as the `POSTERN_KEY` that it was made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// A value that belongs to a credential: exactly one of the keys.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CredentialEntry {
    /// The name of a Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_secret: Option<String>,
    /// The value itself, without control characters. It is sealed when the configuration is compiled, which needs `POSTERN_KEY`; but the
    /// file still holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What a value becomes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey")
    }
}

impl fmt::Debug for CredentialEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialEntry")
    }
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
        /// An API key, for Services with `authentication.apiKey`.
        ApiKey = 100 "API_KEY",
    }
}
