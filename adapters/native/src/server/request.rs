use std::net::IpAddr;

use http::uri::{PathAndQuery, Scheme};
use http::{Method, Request, Response, StatusCode, Uri, header};
use postern_core::platform::Body;

use super::authority::authority;
use super::body::{self, Pace};
use crate::{Client, Incoming};

/// A request that names no service, so that the core cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// RFC 9112 §3.2.
    Host,
    /// This is no proxy to other hosts (RFC 9110 §9.3.6).
    Connect,
}

/// Gives the request an absolute URI. Its scheme is always `http`: what a client or a proxy before it claims is not for this host
/// to know. `Host` afterwards says what the URI says.
pub(super) fn read(request: Request<hyper::body::Incoming>, peer: IpAddr, pace: &Pace) -> Result<Incoming, Refusal> {
    if *request.method() == Method::CONNECT {
        return Err(Refusal::Connect);
    }
    let version = request.version();
    let authority = authority(version, request.uri(), request.headers()).ok_or(Refusal::Host)?;
    let host = authority.as_str().parse().map_err(|_| Refusal::Host)?;
    let mut request = request.map(|incoming| body::from_client(incoming, pace));
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(authority);
    // `OPTIONS *` is about the server, and is treated as what `/` is.
    parts.path_and_query = parts.path_and_query.filter(|path| path.as_str().starts_with('/')).or(Some(PathAndQuery::from_static("/")));
    *request.uri_mut() = Uri::from_parts(parts).map_err(|_| Refusal::Host)?;
    request.headers_mut().insert(header::HOST, host);
    Ok(Incoming { request, client: Client { ip: Some(peer), version } })
}

impl Refusal {
    /// In the shape that OpenAI's SDKs read, as everywhere in the gateway.
    pub fn response(self) -> Response<Body> {
        let (status, message) = match self {
            Refusal::Host => (StatusCode::BAD_REQUEST, "the request needs exactly one valid Host"),
            Refusal::Connect => (StatusCode::NOT_IMPLEMENTED, "CONNECT is not supported"),
        };
        let text = format!(r#"{{"error":{{"message":"{message}","type":"invalid_request_error","param":null,"code":null}}}}"#);
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = status;
        response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
        response
    }
}
