use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Authorization, is_default};

/// Users with something in common.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Group {
    /// Policies for every request of the group's users.
    #[serde(default, skip_serializing_if = "is_default")]
    pub authorization: Authorization,
    /// Free values, read by conditions in `ctx.groups`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub attrs: Map<String, Value>,
}
