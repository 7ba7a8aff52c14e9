//! An upstream that is a container. Only Cloudflare runs them; it is read in full everywhere, so that a mistake is found today.

mod probe;
mod security;
mod volume;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use probe::{GrpcProbe, HttpGetProbe, Probe, TcpSocketProbe};
pub use security::{LinuxCapabilities, SecurityContext};
pub use volume::{EmptyDir, PersistentVolumeClaim, Volume, VolumeMount};

use super::SecretRef;

/// A container that is started for the Service, on Cloudflare: `postern build --for cloudflare` writes its section of wrangler.toml.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Container {
    /// As in `ghcr.io/org/image:tag`.
    pub image: String,
    /// The port on which the container takes HTTP, 1 to 65535.
    pub port: u32,
    /// Replaces the image's entry point.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Arguments of the entry point. Without `command` they are built into the image.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// Environment variables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<EnvVar>,
    /// How many instances run at most; each request goes to one of them, chosen by chance. Default 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
    /// For a private registry. The image is pulled by whoever deploys, who is told to sign in there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<RegistryCredentials>,
    /// What an instance may use: the smallest instance type that has it, up to 4 cores and 12 GiB. Default: the smallest of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_limit: Option<ResourceLimit>,
    /// What an instance may do. Refused on Cloudflare.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_context: Option<SecurityContext>,
    /// Storage. On Cloudflare it ends with the instance, and a claim is refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<Volume>,
    /// Where the storage appears.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volume_mounts: Vec<VolumeMount>,
    /// When an instance is started again. Cloudflare starts one again when it has ended, and probes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub liveness_probe: Option<Probe>,
    /// When an instance gets requests. Of this only the path of `httpGet` counts; without it an instance has to listen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readiness_probe: Option<Probe>,
}

/// An environment variable: exactly one of `value`, `fromSecret` and `kubernetesSecretRef`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnvVar {
    /// Its name.
    pub name: String,
    /// Text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The name of a Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_secret: Option<String>,
    /// A Secret of Kubernetes. Not supported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubernetes_secret_ref: Option<KubernetesSecretRef>,
}

/// A key of a Secret of Kubernetes. Not supported.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KubernetesSecretRef {
    /// The Secret's name.
    pub name: String,
    /// The key in it.
    pub key: String,
}

/// How to sign in at a registry.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegistryCredentials {
    /// A user name and a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username_password: Option<RegistryLogin>,
}

/// A user name and a password for a registry.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegistryLogin {
    /// The user name.
    pub username: String,
    /// The password.
    pub password: SecretRef,
    /// The registry. Default: that of the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
}

/// What an instance may use.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResourceLimit {
    /// Processor time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<CpuLimit>,
    /// Memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<MemoryLimit>,
    /// Other resources by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ext: BTreeMap<String, String>,
}

/// Processor time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CpuLimit {
    /// Thousandths of a core.
    pub millicores: u32,
}

/// Memory.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MemoryLimit {
    /// Megabytes.
    pub megabytes: u32,
}
