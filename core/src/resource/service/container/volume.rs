use serde::{Deserialize, Serialize};

use crate::resource::is_default;

/// Storage: exactly one of `persistentVolumeClaim` and `emptyDir`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Volume {
    /// What `volumeMounts` call it.
    pub name: String,
    /// A claim of Kubernetes. Not supported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persistent_volume_claim: Option<PersistentVolumeClaim>,
    /// An empty folder that lives as long as the instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub empty_dir: Option<EmptyDir>,
}

/// A claim of Kubernetes. Not supported.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PersistentVolumeClaim {
    /// Its name.
    pub name: String,
}

/// An empty folder.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EmptyDir {
    /// Megabytes that it may hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_limit_megabytes: Option<u32>,
}

/// Where storage appears.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VolumeMount {
    /// The Volume.
    pub name: String,
    /// The folder in the container.
    pub mount_path: String,
    /// A folder of the Volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_path: Option<String>,
    /// It cannot be changed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub read_only: bool,
}
