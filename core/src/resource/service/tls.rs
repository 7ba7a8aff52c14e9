use serde::{Deserialize, Serialize};

use super::SecretRef;
use crate::resource::is_default;

/// How the upstream's certificate is checked. Not supported yet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpstreamTls {
    /// Certificates in PEM that are trusted, at most 32.
    #[serde(default, rename = "trustedCAs", skip_serializing_if = "Vec::is_empty")]
    pub trusted_cas: Vec<String>,
    /// Trust the usual authorities as well.
    #[serde(default, skip_serializing_if = "is_default")]
    pub append_to_system_pool: bool,
    /// Accept any certificate.
    #[serde(default, skip_serializing_if = "is_default")]
    pub insecure_skip_verify: bool,
    /// The certificate and key that the gateway shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<SecretRef>,
}

/// An older form of `tls`. Not supported yet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LegacyClientCertificate {
    /// Certificates in PEM that are trusted.
    #[serde(default, rename = "trustedCAs", skip_serializing_if = "Vec::is_empty")]
    pub trusted_cas: Vec<String>,
    /// The name of a Secret that holds the certificate and key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_secret: Option<String>,
}
