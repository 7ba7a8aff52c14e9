use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Authorization, is_default};

/// Somebody, or something, that calls Services.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct User {
    #[serde(rename = "type", default)]
    pub kind: UserType,
    /// Names of Groups; each must exist.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// `HUMAN` only; lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
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
}

/// Whether a user is a person or a program. Programs get tokens from the token endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum UserType {
    Human,
    #[default]
    Workload,
}
