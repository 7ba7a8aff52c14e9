use serde::{Deserialize, Serialize};

use crate::resource::wire_enum::wire_enum;
use crate::resource::{Duration, is_default};

/// How callers prove who they are. Several ways are alternatives; a request that uses two with different credentials is 400. Default:
/// this gateway's own tokens alone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Authentication {
    /// Takes this gateway's own tokens beside the other ways: `token: {}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenAuthentication>,
    /// API keys: Credentials of type `API_KEY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<ApiKeyAuthentication>,
    /// JSON Web Tokens (RFC 7519) of other issuers; at most 16, and the first that takes a token decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "crate::feature::part::jwt")]
    pub jwt: Vec<JwtProvider>,
    /// Whether requests may come without such a token.
    #[serde(default, skip_serializing_if = "is_default")]
    pub jwt_policy: JwtPolicy,
    /// User names and passwords (RFC 7617).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basic: Option<BasicAuthentication>,
}

/// This gateway's own tokens, which need no settings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TokenAuthentication {}

/// Where API keys are, and which are taken.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiKeyAuthentication {
    /// Names of headers; `authorization` means `Authorization: Bearer <key>`. At most 16. Default `api-key`, unless `query` is set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
    /// A parameter of the query, as in `?key=`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Takes only keys of Credentials with all these labels. Default: all Credentials of type `API_KEY`.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub match_labels: std::collections::BTreeMap<String, String>,
    /// Headers that are set to entries of the Credential once the key has been accepted; at most 64. A header of that name that the
    /// caller sent is removed in any case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers_from_entries: Vec<HeaderFromEntry>,
    /// Leaves the key where it was. Without it nothing after authentication sees the key. A key that Postern made (`pst_ak_…`) never
    /// reaches an upstream.
    #[serde(default, skip_serializing_if = "is_default")]
    pub keep_key: bool,
}

/// A header that is set to an entry of the caller's Credential.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HeaderFromEntry {
    /// The header's name.
    pub header: String,
    /// The name of the entry.
    pub entry: String,
    /// Refuses the keys of Credentials that do not have the entry. Without it there is no header then.
    #[serde(default, skip_serializing_if = "is_default")]
    pub required: bool,
}

/// An issuer of JSON Web Tokens.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JwtProvider {
    /// Names it in `User.spec.authentication.identities` and in the names of callers (`<name>:<sub>`). Letters, digits, `-`, `_` and
    /// `.`; at most 64.
    pub name: String,
    /// What `iss` must be. Default: it is not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// One of these must be in `aud`. Default: it is not looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<String>,
    /// The keys that sign its tokens.
    pub jwks: JwtKeys,
    /// Algorithms that are taken: `RS256`, `RS384`, `RS512`, `PS256`, `PS384`, `PS512`, `ES256`, `ES384`, `EdDSA`, and `HS256`,
    /// `HS384`, `HS512` with an inline key of type `oct`. Default: what each key's type and `alg` allow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub algorithms: Vec<String>,
    /// Where the token is. Default: the header `Authorization` with the prefix `Bearer `, and the query parameter `access_token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_from: Option<TokenFrom>,
    /// Leaves the token where it was. Without it nothing after authentication sees the token.
    #[serde(default, skip_serializing_if = "is_default")]
    pub keep_token: bool,
    /// Headers that are set to claims of the token; at most 64. A header of that name that the caller sent is removed, even when the
    /// claim is absent, unless `append` is set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims_to_headers: Vec<ClaimToHeader>,
    /// How far the issuer's clock may differ, for `exp` and `nbf`; at most 1 hour. Default 60 seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_skew: Option<Duration>,
}

/// Keys of an issuer: exactly one of `url` and `inline`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JwtKeys {
    /// Where the issuer publishes its key set (RFC 7517 §5). Redirects are not followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// How long a fetched set is used before it is fetched again; 10 seconds to 1 day. Default 5 minutes. When that fails, the old set
    /// serves for one hour more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_for: Option<Duration>,
    /// A key (JWK), a set of keys (JWKS) or a public key as PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inline: Option<String>,
}

/// Where tokens are; with neither list, nowhere.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TokenFrom {
    /// Headers; at most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<TokenHeader>,
    /// Parameters of the query; at most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<String>,
}

/// A header that holds a token.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TokenHeader {
    /// Its name.
    pub name: String,
    /// What stands before the token, as in `Bearer `; upper and lower case are the same. A value without it holds no token.
    #[serde(default, skip_serializing_if = "is_default")]
    pub prefix: String,
}

/// A header that is set to a claim.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClaimToHeader {
    /// A member of the token's claims. Texts are taken as they are, the items of a list with commas between them, anything else as
    /// JSON. What cannot stand in a header is left out.
    pub claim: String,
    /// The header's name.
    pub header: String,
    /// Adds to what the caller sent under that name. Only for headers that nothing relies on.
    #[serde(default, skip_serializing_if = "is_default")]
    pub append: bool,
}

/// User names and passwords (RFC 7617).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BasicAuthentication {
    /// What clients show when they ask for a password. Default: empty.
    #[serde(default, skip_serializing_if = "is_default")]
    pub realm: String,
    /// At most 1000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<BasicUser>,
}

/// A user name with the hash of its password.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BasicUser {
    /// A User of this name is the caller, where there is one; else the caller is `basic:<name>`. No colon, at most 256 characters.
    pub name: String,
    /// As `htpasswd -m` or `htpasswd -s` prints it: `$apr1$<salt>$<hash>` or `{SHA}<base64>`. Anybody who has such a hash can try
    /// passwords against it fast: give programs API keys instead.
    pub hash: String,
}

impl std::fmt::Debug for BasicUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BasicUser({:?})", self.name)
    }
}

wire_enum! {
    /// What becomes of requests without a valid token of another issuer. Where they go on, nobody is known, and the policies of the
    /// Service, its Namespace and the Gateway decide.
    pub enum JwtPolicy (default RequireValid) {
        /// They are refused.
        RequireValid = 0 "REQUIRE_VALID",
        /// Those without a token go on; those with a bad one are refused.
        AllowMissing = 1 "ALLOW_MISSING",
        /// Both go on, the latter without their token.
        AllowMissingOrFailed = 2 "ALLOW_MISSING_OR_FAILED",
    }
}
