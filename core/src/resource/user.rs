use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::wire_enum::wire_enum;
use super::{Authorization, SessionSettings, State, is_default};

/// Somebody, or something, that calls Services.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct User {
    /// Default `WORKLOAD`.
    #[serde(rename = "type", default)]
    pub kind: UserType,
    /// Names of Groups; each must exist.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// `HUMAN` only; lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Policies for every request of this user.
    #[serde(default, skip_serializing_if = "is_default")]
    pub authorization: Authorization,
    /// A disabled user's tokens are refused, and no new ones are issued.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_disabled: bool,
    /// Free values, read by conditions as `ctx.user.spec.attrs`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub attrs: Map<String, Value>,
    /// Free values about a person, read by conditions as `ctx.user.spec.info`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub info: Map<String, Value>,
    /// Not supported yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionSettings>,
    /// Who the user is to other issuers of tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authentication: Option<UserAuthentication>,
}

/// Who a user is to other issuers of tokens.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserAuthentication {
    /// One for each issuer, or several; at most 64. Two Users cannot have the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identities: Vec<Identity>,
    /// The state of a newly registered authenticator. Not supported yet.
    #[serde(default, skip_serializing_if = "is_default")]
    pub authenticator_default_state: State,
}

/// Who a user is to an issuer of tokens.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Identity {
    /// The `name` of the provider in `Service.spec.authentication.jwt`.
    pub identity_provider: String,
    /// What the claim `sub` of the provider's tokens says.
    pub identifier: String,
}

wire_enum! {
    /// Whether a user is a person or a program. Programs get tokens from the token endpoint.
    pub enum UserType (default Workload) {
        /// A person.
        Human = 1 "HUMAN",
        /// A program.
        Workload = 2 "WORKLOAD",
    }
}
