use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::RequestBody;

/// A request to the gateway.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Request {
    /// Default `GET`, or `POST` with a body.
    #[serde(default)]
    pub method: Option<String>,
    /// A Service, `name` or `name.namespace`: sends its host.
    #[serde(default)]
    pub service: Option<String>,
    /// The host as written. Without `service` and `host`, the gateway's own domain.
    #[serde(default)]
    pub host: Option<String>,
    /// Path and query as they go on the wire. Default `/`.
    #[serde(default)]
    pub path: Option<String>,
    /// Header lines, as in `x-team: a`; repeats stay repeats.
    #[serde(default)]
    pub headers: Vec<String>,
    /// Sends an access token: of the credential of that name, obtained from the token endpoint where its type needs that.
    #[serde(default)]
    pub token: Option<TokenUse>,
    /// `user:password` for `Authorization: Basic`.
    #[serde(default)]
    pub basic: Option<String>,
    #[serde(default)]
    pub body: Option<RequestBody>,
    /// Bytes to put on the wire instead of all the above; needs `socket`. Escapes are YAML's.
    #[serde(default)]
    pub raw: Option<String>,
    /// Opens a WebSocket, sends these texts, waits for as many, and closes it; needs `webSocket`.
    #[serde(default)]
    pub web_socket: Option<Vec<String>>,
    /// Speak HTTP/2 with prior knowledge; needs `grpc`.
    #[serde(default)]
    pub http2: bool,
    /// The client goes away.
    #[serde(default)]
    pub abort: Option<Abort>,
}

/// Which token is sent, and where.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged, expecting = "the name of a credential, or {credential: …, scope: …, header: …}")]
pub enum TokenUse {
    /// In `Authorization: Bearer`.
    Credential(String),
    Presented(Presented),
}

/// A token and its place.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Presented {
    pub credential: String,
    /// Asks the token endpoint for this scope.
    #[serde(default)]
    pub scope: Option<String>,
    /// The header. Default `authorization`, with the scheme `Bearer`; other headers carry the token alone.
    #[serde(default)]
    pub header: Option<String>,
}

/// When the client goes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Abort {
    /// As soon as the upstream has the request, which must be one that does not answer.
    BeforeResponse,
    /// After the first bytes of the response's body.
    MidBody,
}

/// A token made from a good one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Forge {
    /// The credential whose token it starts from.
    pub from: String,
    /// Changes to the JOSE header; null removes.
    #[serde(default)]
    pub header: Map<String, Value>,
    /// Changes to the claims; null removes.
    #[serde(default)]
    pub claims: Map<String, Value>,
    /// Claims text to use instead, as written.
    #[serde(default)]
    pub claims_text: Option<String>,
    pub signature: Signature,
}

/// The signature of a forged token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Signature {
    /// The good token's.
    Keep,
    /// The good token's with one bit changed.
    Flip,
    Empty,
    /// HS256 with this text as the key.
    Hs256(String),
    /// The gateway's own: what an attacker cannot make, to see the other checks.
    Genuine,
}
