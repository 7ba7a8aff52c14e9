//! The first step: what arrived, in one normal form, with everything removed that ends at the gateway.

mod headers;
mod path;
mod request_id;
mod trailers;

use std::net::IpAddr;

use http::uri::Authority;
use http::{HeaderMap, HeaderName, Method, Request, Version};

use crate::error::{ErrorKind, GatewayError};
use crate::platform::{Body, Capabilities, Capability, SecureRandom};
use crate::telemetry::{TRACE_PARENT, TRACE_STATE};
use headers::is_websocket_upgrade;
pub use headers::{
    belongs_to_the_gateway, has_other_coding, is_hop_by_hop, mark_pass, never_reaches_upstreams, remove_alike, remove_where,
    strip_hop_by_hop, strip_response,
};
pub use path::{CleanPath, PathRefusal};
pub use request_id::RequestId;
pub use trailers::strip_response_trailers;

/// A request as a host hands it over. Its URI is absolute: scheme, authority, and path and query as they arrived.
#[derive(Debug)]
pub struct Incoming {
    pub request: Request<Body>,
    pub client: Client,
}

/// Who is at the other end, as the platform alone tells it.
#[derive(Debug, Clone, Copy)]
pub struct Client {
    /// Absent where the platform does not tell it.
    pub ip: Option<IpAddr>,
    /// Spoken by the caller; behind some platforms' own servers, what these say.
    pub version: Version,
}

/// A request that passed the checks which need no configuration.
#[derive(Debug)]
pub struct Received {
    pub id: RequestId,
    pub client: Client,
    pub method: Method,
    pub scheme: String,
    /// Host and port in lower case and without a dot at the host's end, as the platform's URL names them.
    pub authority: String,
    pub path: CleanPath,
    /// As written, without the question mark.
    pub query: Option<String>,
    /// As they arrived, less what concerned only the caller's connection. Tokens of the gateway are still in it.
    pub headers: HeaderMap,
    /// The request asks to become a WebSocket, and the host can do that.
    pub websocket: bool,
    /// The caller takes trailers (RFC 9110 §10.1.4). gRPC servers insist on hearing so.
    pub takes_trailers: bool,
    pub body: Body,
}

/// More than any SDK sends, and what the strictest of the hosts takes.
const MAX_HEADER_BYTES: usize = 64 * 1024;
const MAX_URI_BYTES: usize = 16 * 1024;
/// A Service may be the upstream of another, and gateways may stand behind each other. That many never do.
const MAX_PASSES: usize = 8;

/// Checks and normalizes.
///
/// # Errors
/// 400 for a path, URI or set of headers that cannot be understood or is too large, 508 for a request that goes round in a loop, 501 for a method that no gateway should pass on
/// or an upgrade that the host cannot do.
pub fn receive(incoming: Incoming, random: &dyn SecureRandom, capabilities: Capabilities) -> Result<Received, (RequestId, GatewayError)> {
    let (parts, body) = incoming.request.into_parts();
    let id = RequestId::accept_or_make(&parts.headers, random);
    let refuse = |message: String| {
        let error = GatewayError::new(ErrorKind::BadRequest, message.clone()).saying(message);
        (id.clone(), error)
    };
    if let Some(why) = refused_method(&parts.method) {
        return Err((id, GatewayError::new(ErrorKind::NotImplemented, why).saying(why)));
    }
    let header_bytes: usize = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if header_bytes > MAX_HEADER_BYTES {
        return Err(refuse(format!("The request's headers have more than {MAX_HEADER_BYTES} bytes.")));
    }
    if headers::passes(&parts.headers) >= MAX_PASSES {
        return Err((
            id,
            GatewayError::new(ErrorKind::Loop, "the request has come through here too often: an upstream leads back to the gateway"),
        ));
    }
    if headers::is_framed_in_two_ways(&parts.headers) {
        return Err(refuse("The request does not say clearly where its body ends.".to_owned()));
    }
    let raw_path = parts.uri.path();
    if raw_path.len() + parts.uri.query().map_or(0, str::len) > MAX_URI_BYTES {
        return Err(refuse(format!("The request's URI has more than {MAX_URI_BYTES} bytes.")));
    }
    let path = CleanPath::new(raw_path).map_err(|why| refuse(why.to_string()))?;
    if path.as_str() == "*" && parts.method != Method::OPTIONS {
        return Err(refuse(PathRefusal::NotAbsolute.to_string()));
    }
    let Some(authority) = parts.uri.authority() else { return Err(refuse("The request names no host.".to_owned())) };
    if authority.as_str().contains('@') {
        return Err(refuse("The request's host must not contain user information.".to_owned()));
    }
    // Only GET can ask for it (RFC 6455 §4.1); with another method, `Upgrade` is dropped as any hop-by-hop header.
    let websocket = parts.method == Method::GET && is_websocket_upgrade(&parts.headers);
    if websocket && !capabilities.has(Capability::WebSocket) {
        return Err((
            id,
            GatewayError::new(ErrorKind::NotImplemented, "a WebSocket upgrade").saying("WebSockets cannot pass through this host."),
        ));
    }
    if websocket && !body.is_empty() {
        // Servers differ on whether these bytes are a body or the first that the other side of the WebSocket says.
        return Err(refuse("A request that asks for a WebSocket has no body.".to_owned()));
    }
    let mut headers = parts.headers;
    let takes_trailers = headers::lists(&headers, http::header::TE, "trailers");
    headers::strip_hop_by_hop(&mut headers);
    headers.remove(http::header::HOST);
    // What it announces ends here with the body.
    headers.remove(http::header::TRAILER);
    Ok(Received {
        id,
        client: incoming.client,
        method: parts.method,
        scheme: parts.uri.scheme_str().unwrap_or("http").to_owned(),
        authority: normal_authority(authority),
        path,
        query: parts.uri.query().map(str::to_owned),
        headers,
        websocket,
        takes_trailers,
        body: trailers::without_trailers(body),
    })
}

/// `api.example.com.` is the same host, and rules that compare it should not be asked to know that.
fn normal_authority(authority: &Authority) -> String {
    let mut text = authority.as_str().to_ascii_lowercase();
    let host = authority.host();
    // Two dots are no name at all.
    if let Some(name) = host.strip_suffix('.').filter(|name| !name.ends_with('.')) {
        text.remove(name.len());
    }
    text
}

/// An upstream answers `TRACE` with the request it got, the injected credential included (RFC 9110 §9.3.8); `TRACK` is the same
/// on some servers. `CONNECT` asks for a tunnel.
fn refused_method(method: &Method) -> Option<&'static str> {
    match method.as_str() {
        "TRACE" | "TRACK" => Some("The gateway does not trace requests."),
        "CONNECT" => Some("The gateway makes no tunnels."),
        _ => None,
    }
}

/// What of a caller's headers may go on to an upstream, before any rule of the configuration.
pub fn forwardable(headers: &HeaderMap) -> HeaderMap {
    let mut forwarded = headers.clone();
    headers::strip_spoofable(&mut forwarded);
    headers::strip_cookies(&mut forwarded);
    // What traces there are within a company is no concern of an upstream's, unless the configuration says that it is.
    forwarded.remove(TRACE_PARENT);
    forwarded.remove(TRACE_STATE);
    forwarded
}

/// The header under which a request's id is accepted and returned.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
