use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What of a Kubernetes object's metadata counts here; the rest is not looked at.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct Metadata {
    pub name: String,
    pub namespace: Option<String>,
    /// Of what was exported from a cluster: RFC 3339, in UTC.
    #[serde(rename = "creationTimestamp")]
    pub created: Option<String>,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
}

/// Names another document.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct ObjectRef {
    pub name: String,
    pub namespace: Option<String>,
}

/// Names other documents, or describes them by their labels.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct LabelRef {
    pub name: Option<String>,
    pub namespace: Option<String>,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

/// A port by its number or its name.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct PortRef {
    pub number: Option<u16>,
    pub name: Option<String>,
}

/// Routes that a policy is for.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct RouteSelector {
    pub route: RouteLabels,
}

/// A route that has all of these labels.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub struct RouteLabels {
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

/// Nothing to set.
#[derive(Debug, Clone, Default, Deserialize, Serialize, schemars::JsonSchema)]
pub struct Empty {}
