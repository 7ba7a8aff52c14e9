//! What Spin does to a request before the component sees it.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use http::header::{CONNECTION, HOST, HeaderName, HeaderValue};
use http::uri::{Authority, Scheme};
use http::{Request, Uri};

/// Makes the URI absolute and adds the `spin-*` headers.
///
/// They are added to what the client sent, which is not removed: of two `spin-client-addr`, the last is Spin's.
///
/// # Errors
/// Spin answers 500 when a header is not UTF-8, or when `Host` is absent, malformed or not the URI's.
pub fn prepare<B>(request: &mut Request<B>, client: SocketAddr) -> Result<()> {
    request.headers_mut().remove(CONNECTION);
    for value in request.headers().values() {
        std::str::from_utf8(value.as_bytes()).context("a header is not UTF-8")?;
    }
    let authority = authority(request)?;
    let host = match request.headers().get(HOST) {
        Some(host) => host.to_str()?.to_owned(),
        None => "localhost".to_owned(),
    };
    let path = request.uri().path().to_owned();
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(authority);
    let path_and_query = parts.path_and_query.as_ref().map_or("/", |path| path.as_str()).to_owned();
    *request.uri_mut() = Uri::from_parts(parts)?;

    let headers = request.headers_mut();
    for (name, value) in [
        ("spin-path-info", path),
        ("spin-full-url", format!("http://{host}{path_and_query}")),
        ("spin-matched-route", "/...".to_owned()),
        ("spin-base-path", "/".to_owned()),
        ("spin-raw-component-route", "/...".to_owned()),
        ("spin-component-route", String::new()),
        ("spin-client-addr", client.to_string()),
    ] {
        headers.append(HeaderName::from_static(name), HeaderValue::try_from(value)?);
    }
    Ok(())
}

fn authority<B>(request: &Request<B>) -> Result<Authority> {
    let of_uri = request.uri().authority().cloned();
    let Some(host) = request.headers().get(HOST) else { return of_uri.context("there is no Host") };
    let of_header: Authority = host.to_str().context("Host is not text")?.parse().context("Host is no authority")?;
    ensure!(of_uri.is_none_or(|of_uri| of_uri == of_header), "Host differs from the URI's authority");
    Ok(of_header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(uri: &str, headers: &[(&str, &[u8])]) -> Result<Request<()>> {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, HeaderValue::from_bytes(value)?);
        }
        let mut request = request.body(())?;
        prepare(&mut request, "192.0.2.1:5".parse()?)?;
        Ok(request)
    }

    #[test]
    fn adds_spins_headers_after_the_clients() {
        let request =
            prepared("/a?b", &[("host", b"x.test"), ("connection", b"close"), ("spin-client-addr", b"8.8.8.8:1")]).expect("prepared");
        assert_eq!(request.uri(), "http://x.test/a?b");
        assert_eq!(request.headers()["spin-full-url"], "http://x.test/a?b");
        assert_eq!(request.headers()["spin-path-info"], "/a");
        assert!(!request.headers().contains_key("connection"));
        let addresses: Vec<_> = request.headers().get_all("spin-client-addr").iter().collect();
        assert_eq!(addresses, ["8.8.8.8:1", "192.0.2.1:5"]);
    }

    #[test]
    fn refuses() {
        for (uri, headers) in [
            ("/", &[] as &[(&str, &[u8])]),
            ("/", &[("host", b"a b")]),
            ("http://a.test/", &[("host", b"b.test")]),
            ("/", &[("host", b"a.test"), ("x", b"\xff")]),
        ] {
            assert!(prepared(uri, headers).is_err(), "{uri} {headers:?}");
        }
    }
}
