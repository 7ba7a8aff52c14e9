use http::header::{CONTENT_LENGTH, HOST, UPGRADE};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Method, Request, Uri, Version};
use postern_core::platform::{Body, HttpError, SendOptions};

use crate::connect_to::Target;

/// What two calls must share to share a connection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Origin {
    pub target: Target,
    pub protocol: Protocol,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Protocol {
    /// HTTP/2 where TLS negotiates it, else HTTP/1.1.
    Any,
    /// An upgrade needs the whole connection, which only HTTP/1.1 gives away.
    Http1,
    Http2,
}

/// One request's address, and the ways to write it.
pub(super) struct Destination {
    pub origin: Origin,
    scheme: Scheme,
    authority: Authority,
    path: PathAndQuery,
    host: HeaderValue,
}

impl Destination {
    pub fn of(request: &Request<Body>, options: &SendOptions) -> Result<Self, HttpError> {
        let uri = request.uri();
        let target = Target::of(uri).ok_or_else(|| HttpError::Connect(format!("`{uri}` is not an http or https URL")))?;
        let protocol = match () {
            () if request.headers().contains_key(UPGRADE) => Protocol::Http1,
            () if options.http2 => Protocol::Http2,
            () => Protocol::Any,
        };
        let bad_host = || HttpError::Connect("the host to send is not a host".into());
        let authority = match &options.host {
            Some(host) => host.parse().map_err(|_| bad_host())?,
            None => own_authority(uri, &target).ok_or_else(bad_host)?,
        };
        Ok(Self {
            scheme: if target.secure { Scheme::HTTPS } else { Scheme::HTTP },
            host: HeaderValue::from_str(authority.as_str()).map_err(|_| bad_host())?,
            path: path(uri, request.method()),
            authority,
            origin: Origin { target, protocol },
        })
    }

    /// RFC 9112 §3.2.1: the path alone in the request line, the host in its header.
    pub fn for_http1(&self, request: &mut Request<Body>) {
        *request.uri_mut() = Uri::from(self.path.clone());
        *request.version_mut() = Version::HTTP_11;
        request.headers_mut().insert(HOST, self.host.clone());
        // RFC 9110 §8.6: some servers answer 411 without it.
        let expects_content = matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH);
        if expects_content && request.body().is_empty() {
            request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
    }

    /// RFC 9113 §8.3.1: pseudo-headers made from an absolute URI instead of `Host`.
    pub fn for_http2(&self, request: &mut Request<Body>) {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(self.path.clone());
        // All three parts are there, which is the only condition.
        *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
        *request.version_mut() = Version::HTTP_2;
        request.headers_mut().remove(HOST);
    }
}

/// The URL's host and port without user information, and without a port that the scheme implies (RFC 9110 §7.2).
fn own_authority(uri: &Uri, target: &Target) -> Option<Authority> {
    let host = uri.host()?;
    let implied = if target.secure { 443 } else { 80 };
    if target.port == implied { host.parse().ok() } else { format!("{host}:{}", target.port).parse().ok() }
}

fn path(uri: &Uri, method: &Method) -> PathAndQuery {
    match uri.path_and_query() {
        // `OPTIONS http://host` asks about the server as a whole (RFC 9112 §3.2.4); the URI type writes its path as `/` all the same.
        Some(path) if path.as_str() != "*" || *method == Method::OPTIONS => path.clone(),
        _ => PathAndQuery::from_static("/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(url: &str) -> Request<Body> {
        Request::get(url).header("x", "1").body(Body::Empty).unwrap()
    }

    #[test]
    fn writes_host_and_path_for_either_protocol() {
        let own = |host: Option<&str>| SendOptions { host: host.map(str::to_owned), ..SendOptions::default() };
        for (url, host, sent_host, path, absolute) in [
            ("http://a.test/x?y=1", None, "a.test", "/x?y=1", "http://a.test/x?y=1"),
            ("http://a.test:80/", None, "a.test", "/", "http://a.test/"),
            ("https://a.test:8443", None, "a.test:8443", "/", "https://a.test:8443/"),
            ("http://user:pass@a.test/", None, "a.test", "/", "http://a.test/"),
            ("http://[::1]:81/", None, "[::1]:81", "/", "http://[::1]:81/"),
            ("https://a.test/x", Some("b.test:1"), "b.test:1", "/x", "https://b.test:1/x"),
        ] {
            let mut sent = request(url);
            let destination = Destination::of(&sent, &own(host)).unwrap();
            destination.for_http1(&mut sent);
            assert_eq!((sent.headers()[HOST].to_str().unwrap(), sent.uri().to_string().as_str()), (sent_host, path), "{url}");
            destination.for_http2(&mut sent);
            assert_eq!((sent.headers().get(HOST), sent.uri().to_string().as_str()), (None, absolute), "{url}");
        }
        for (url, host) in [("/x", None), ("ftp://a/", None), ("http://a/", Some("b c")), ("http://a/", Some(""))] {
            assert!(Destination::of(&request(url), &own(host)).is_err(), "{url} {host:?}");
        }
    }

    #[test]
    fn an_upgrade_goes_over_http1() {
        let mut asked = request("https://a.test/");
        let http2 = SendOptions { http2: true, ..SendOptions::default() };
        assert_eq!(Destination::of(&asked, &http2).unwrap().origin.protocol, Protocol::Http2);
        asked.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
        assert_eq!(Destination::of(&asked, &http2).unwrap().origin.protocol, Protocol::Http1);
    }
}
