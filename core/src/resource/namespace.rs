use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Authorization, is_default};

/// A folder of Services: `name.namespace`. A Service without one is in `default`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Namespace {
    /// Policies for every request to Services of the namespace.
    #[serde(default, skip_serializing_if = "is_default")]
    pub authorization: Authorization,
    /// Free values, read by conditions as `ctx.namespace.spec.attrs`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub attrs: Map<String, Value>,
}
