use serde::{Deserialize, Serialize};

use crate::resource::is_default;
use crate::resource::wire_enum::wire_enum;

/// A credential for the upstream: exactly one of the keys.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpstreamAuth {
    /// `Authorization: Bearer <secret>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bearer: Option<Bearer>,
    /// `Authorization: Basic <username:password in base64>` (RFC 7617).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basic: Option<BasicAuth>,
    /// The secret in a header of another name, as in `x-api-key`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomAuth>,
    /// `Authorization: Bearer` with a token of the upstream's own token endpoint (RFC 6749 §4.4), fetched when it is needed, kept and renewed.
    #[serde(
        default,
        rename = "oauth2ClientCredentials",
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::feature::part::oauth2_client"
    )]
    pub oauth2_client_credentials: Option<Oauth2ClientCredentials>,
    /// A signature of AWS Signature Version 4. It covers the body, so request bodies are read whole, up to `maxRequestSize`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::feature::part::sigv4")]
    pub sigv4: Option<SigV4>,
    /// The secret as a parameter of the query, as in `?key=`. Prefer a header where the upstream takes one: servers log queries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<QueryAuth>,
    /// The caller's own `Authorization` goes on, as it is or as the value of another header, and nothing is added. Callers then prove themselves to the gateway in `X-Postern-Auth` or `X-Octelium-Auth`. A token of the gateway's own is never passed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passthrough: Option<Passthrough>,
}

impl UpstreamAuth {
    /// The Secrets that it names, each with the fields that lead to its `fromSecret`.
    pub fn secrets(&self) -> Vec<(&'static [&'static str], &SecretRef)> {
        let sigv4 = self.sigv4.as_ref();
        let secrets: [(&'static [&'static str], Option<&SecretRef>); 7] = [
            (&["bearer"], self.bearer.as_ref()),
            (&["basic", "password"], self.basic.as_ref().map(|basic| &basic.password)),
            (&["custom", "value"], self.custom.as_ref().map(|custom| &custom.value)),
            (&["oauth2ClientCredentials", "clientSecret"], self.oauth2_client_credentials.as_ref().map(|client| &client.client_secret)),
            (&["sigv4", "secretAccessKey"], sigv4.map(|sigv4| &sigv4.secret_access_key)),
            (&["sigv4", "sessionToken"], sigv4.and_then(|sigv4| sigv4.session_token.as_ref())),
            (&["query", "value"], self.query.as_ref().map(|query| &query.value)),
        ];
        secrets.into_iter().filter_map(|(place, secret)| Some((place, secret?))).collect()
    }
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

/// A user name and a password.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BasicAuth {
    /// The user name, without a colon or control characters. It may be empty.
    pub username: String,
    /// The password: UTF-8 without control characters.
    pub password: SecretRef,
}

/// A secret in a header.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CustomAuth {
    /// The header's name. Not one that belongs to the connection, to the framing of the message, or to the host.
    pub header: String,
    /// The header's whole value, with its scheme if it has one.
    pub value: SecretRef,
}

/// A secret in the query.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueryAuth {
    /// The parameter's name. Whatever the caller sends under it is removed.
    pub name: String,
    /// The parameter's value, before it is percent-encoded.
    pub value: SecretRef,
}

/// How the caller's own credential goes on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Passthrough {
    /// The header to which it moves, without its scheme `Bearer`, for upstreams that read another one, such as `x-api-key`. What the
    /// caller sends in that header itself stays. `Authorization` is then removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
}

/// A client at the upstream's token endpoint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Oauth2ClientCredentials {
    /// The client's id.
    #[serde(rename = "clientID")]
    pub client_id: String,
    /// The client's secret.
    pub client_secret: SecretRef,
    /// The token endpoint: `https`, or `http` on this machine. A query is kept.
    #[serde(rename = "tokenURL")]
    pub token_url: String,
    /// The scopes to ask for; at most 64.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// How the client proves itself.
    #[serde(default, skip_serializing_if = "is_default")]
    pub auth_method: TokenAuthMethod,
}

wire_enum! {
    /// How a client proves itself at a token endpoint (RFC 6749 §2.3.1). Every endpoint should take `BASIC`, and some do not.
    pub enum TokenAuthMethod (default Unset) {
        /// As `BASIC`.
        Unset = 0 "AUTH_METHOD_UNSET",
        /// In `Authorization: Basic`: `client_secret_basic`.
        Basic = 1 "BASIC",
        /// As `client_id` and `client_secret` in the form: `client_secret_post`.
        Post = 2 "POST",
    }
}

/// Signs requests for AWS. `x-amz-date`, `x-amz-content-sha256` and `x-amz-security-token` are the gateway's; signed are the host, `content-type` and every `x-amz-*` header.
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
    /// The session token of temporary credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_token: Option<SecretRef>,
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
