use serde::{Deserialize, Serialize};

/// A credential for the upstream: exactly one of the keys.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpstreamAuth {
    /// `Authorization: Bearer <secret>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bearer: Option<Bearer>,
    /// `Authorization: Basic <username:password in base64>` (RFC 7617). Not supported yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basic: Option<BasicAuth>,
    /// The secret in a header of another name. Not supported yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomAuth>,
    /// A token of the upstream's own token endpoint (RFC 6749 §4.4). Not supported yet.
    #[serde(default, rename = "oauth2ClientCredentials", skip_serializing_if = "Option::is_none")]
    pub oauth2_client_credentials: Option<Oauth2ClientCredentials>,
    /// A signature of AWS Signature Version 4. Not supported yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sigv4: Option<SigV4>,
}

/// A bearer token by the name of its Secret.
pub type Bearer = SecretRef;

/// Refers to a Secret.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecretRef {
    /// The Secret's name.
    pub from_secret: String,
}

/// A user name and a password. Not supported yet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BasicAuth {
    /// The user name, without a colon.
    pub username: String,
    /// The password.
    pub password: SecretRef,
}

/// A secret in a header. Not supported yet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CustomAuth {
    /// The header's name.
    pub header: String,
    /// The header's value.
    pub value: SecretRef,
}

/// A client at the upstream's token endpoint. Not supported yet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Oauth2ClientCredentials {
    /// The client's id.
    #[serde(rename = "clientID")]
    pub client_id: String,
    /// The client's secret.
    pub client_secret: SecretRef,
    /// The token endpoint.
    #[serde(rename = "tokenURL")]
    pub token_url: String,
    /// The scopes to ask for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
}

/// Signs requests for AWS. Not supported yet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SigV4 {
    /// The access key's id.
    #[serde(rename = "accessKeyID")]
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: SecretRef,
    /// As in `eu-central-1`.
    pub region: String,
    /// As in `bedrock`.
    pub service: String,
}

/// A header whose value may be a secret: exactly one of `value` and `fromSecret`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecretHeader {
    /// The header's name.
    pub key: String,
    /// Text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The name of a Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_secret: Option<String>,
}
