use serde::{Deserialize, Serialize};

/// What a Service stands in front of.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Upstream {
    /// `http`, `https`, `ws` or `wss`, a host and perhaps a port; no path, which belongs in `http.path.addPrefix`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}
