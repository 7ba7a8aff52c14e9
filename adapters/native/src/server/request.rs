use std::net::IpAddr;

use http::uri::{PathAndQuery, Scheme};
use http::{Method, Request, Uri};
use postern_core::receive::{Client, Incoming};

use super::authority::authority;
use super::body::{self, Pace};

/// Gives the request an absolute URI. Its scheme is always `http`: what a client or a proxy before it claims is not for this host
/// to know. A request without a usable host keeps a URI without one, which the core refuses and logs; so does `CONNECT`, as this is
/// no tunnel (RFC 9110 §9.3.6).
pub(super) fn read(request: Request<hyper::body::Incoming>, peer: IpAddr, pace: &Pace) -> Incoming {
    let version = request.version();
    let authority = authority(version, request.uri(), request.headers()).filter(|_| *request.method() != Method::CONNECT);
    let mut request = request.map(|incoming| body::from_client(incoming, pace));
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    parts.scheme = authority.is_some().then_some(Scheme::HTTP);
    parts.authority = authority;
    parts.path_and_query.get_or_insert(PathAndQuery::from_static("/"));
    // The default names no host either.
    *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
    Incoming { request, client: Client { ip: Some(peer), version } }
}
