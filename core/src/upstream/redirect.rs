use http::header::{CACHE_CONTROL, LOCATION};
use http::{HeaderValue, Response, StatusCode};

use super::path_change::{NewPrefix, compile_path, refused};
use crate::auth::holds_gateway_token;
use crate::check::{exactly_one, url};
use crate::error::{ErrorKind, GatewayError};
use crate::platform::Body;
use crate::problem::Problems;
use crate::receive::CleanPath;
use crate::resource::service as resource;
use crate::route::{Prefix, host_of};

/// `response.redirect`: another address for the request. It is always whole, so that nothing of a path can be taken for a host, and its
/// host is the configuration's or the one that was asked for.
#[derive(Debug)]
pub struct Redirect {
    scheme: Option<Scheme>,
    host: Option<String>,
    port: Option<u16>,
    path: Path,
    status: StatusCode,
    strip_query: bool,
}

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Target<'r> {
    pub scheme: &'r str,
    /// Host and port.
    pub authority: &'r str,
    pub path: &'r CleanPath,
    pub query: Option<&'r str>,
    /// What of the path the request's route was chosen by.
    pub prefix: Option<&'r Prefix>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

#[derive(Debug)]
enum Path {
    Same,
    Whole(CleanPath),
    Prefix(NewPrefix),
}

impl Redirect {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &resource::Redirect, problems: &mut Problems) -> Option<Self> {
        let scheme = source.scheme.as_deref().map(|text| {
            let scheme = Scheme::parse(text);
            if scheme.is_none() {
                problems.at("scheme", |p| p.error_with_help(format!("no redirect leads to `{text}`"), "it is `https` or `http`"));
            }
            scheme
        });
        let host = source.host.as_ref().map(|host| host.to_ascii_lowercase());
        if let Some(host) = host.as_ref().filter(|host| !url::is_host_name(host)) {
            problems.at("host", |p| {
                p.error_with_help(format!("`{host}` is not a host name"), "write the port as `port`, and the path as `path`")
            });
        }
        if source.port == Some(0) {
            problems.at("port", |p| p.error("a port is 1 to 65535"));
        }
        let whole = source.path.as_ref().map(|text| compile_path("path", text, problems).map(Path::Whole));
        let prefix = source.prefix.as_ref().map(|text| NewPrefix::compile("prefix", text, problems).map(Path::Prefix));
        if whole.is_some() && prefix.is_some() {
            exactly_one(problems, &[("path", true), ("prefix", true)]);
        }
        let code = source.status_code.unwrap_or(StatusCode::FOUND.as_u16());
        let status = StatusCode::from_u16(code).ok().filter(|_| matches!(code, 301 | 302 | 303 | 307 | 308));
        if status.is_none() {
            problems.at("statusCode", |p| p.error("the status of a redirect is 301, 302, 303, 307 or 308"));
        }
        Some(Self {
            scheme: scheme.flatten(),
            host,
            port: source.port,
            path: whole.or(prefix).unwrap_or(Some(Path::Same))?,
            status: status?,
            strip_query: source.strip_query,
        })
    }

    /// The answer.
    ///
    /// # Errors
    /// 400 for a host that is none, a path that may not be, or a token of the gateway's in the address, which the other host would see.
    pub fn response(&self, target: Target<'_>) -> Result<Response<Body>, GatewayError> {
        let asked = host_of(target.authority);
        let scheme = self.scheme.or_else(|| Scheme::parse(target.scheme)).unwrap_or(Scheme::Https);
        let host = self.host.clone().unwrap_or(asked);
        if !url::is_host_name(&host) && !is_address(&host) {
            return Err(
                GatewayError::new(ErrorKind::BadRequest, "the request's host is no host name").saying("The request's host is not valid.")
            );
        }
        let stays = self.scheme.is_none() && self.host.is_none();
        let port = self.port.or_else(|| port_of(target.authority).filter(|_| stays)).filter(|port| *port != scheme.port());
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let path = match &self.path {
            Path::Same => target.path.clone(),
            Path::Whole(path) => path.clone(),
            Path::Prefix(new) => new.apply(target.path, target.prefix).map_err(refused)?,
        };
        let query = target.query.filter(|_| !self.strip_query);
        if [Some(path.as_str()), query].into_iter().flatten().any(|part| holds_gateway_token(part.as_bytes())) {
            let error = GatewayError::new(ErrorKind::BadRequest, "a token of the gateway's in the URL");
            return Err(error.saying("The access token must not be in the URL: send it in a header."));
        }
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let location = format!("{}://{host}{port}{}{query}", scheme.as_str(), path.as_str());
        let location = HeaderValue::from_str(&location)
            .map_err(|_| GatewayError::new(ErrorKind::BadRequest, "the address cannot stand in a header"))?;
        let mut response = Response::new(Body::Empty);
        *response.status_mut() = self.status;
        response.headers_mut().insert(LOCATION, location);
        // A permanent one is kept by browsers for good, whatever rule led there.
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(response)
    }
}

impl Scheme {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "http" => Some(Self::Http),
            "https" => Some(Self::Https),
            _ => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

fn is_address(host: &str) -> bool {
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    inner.is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok())
}

fn port_of(authority: &str) -> Option<u16> {
    let after_address = authority.rsplit(']').next().unwrap_or(authority);
    after_address.rsplit_once(':')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::test;

    fn compile(source: &Value) -> (Option<Redirect>, Vec<String>) {
        let mut problems = Problems::new();
        let redirect = Redirect::compile(&serde_json::from_value(source.clone()).unwrap(), &mut problems);
        (redirect, problems.into_vec().into_iter().map(|problem| problem.path).collect())
    }

    fn location(source: &Value, authority: &str, path: &str) -> String {
        let (path, prefix) = (CleanPath::new(path).unwrap(), Prefix::new("/old", false));
        let target = Target { scheme: "http", authority, path: &path, query: Some("a=b"), prefix: Some(&prefix) };
        match compile(source).0.unwrap().response(target) {
            Ok(response) => format!("{} {}", response.status().as_u16(), response.headers()[LOCATION].to_str().unwrap()),
            Err(error) => error.message,
        }
    }

    #[test]
    fn addresses_are_whole() {
        for (source, authority, path, expected) in [
            (json!({"scheme": "https"}), "a.example", "/x", "302 https://a.example/x?a=b"),
            (json!({"scheme": "https"}), "a.example:8080", "/x", "302 https://a.example/x?a=b"),
            (json!({"scheme": "https", "port": 443}), "a.example", "/x", "302 https://a.example/x?a=b"),
            (json!({"scheme": "https", "port": 8443}), "a.example", "/x", "302 https://a.example:8443/x?a=b"),
            (json!({"port": 80}), "a.example:8080", "/x", "302 http://a.example/x?a=b"),
            (json!({"path": "/y"}), "a.example:8080", "/x", "302 http://a.example:8080/y?a=b"),
            (json!({"path": "/y"}), "a.example:80", "/x", "302 http://a.example/y?a=b"),
            (json!({"host": "B.example", "statusCode": 308}), "a.example:8080", "/x", "308 http://b.example/x?a=b"),
            (json!({"prefix": "/new", "stripQuery": true}), "a.example", "/old/x", "302 http://a.example/new/x"),
            (json!({"prefix": ""}), "a.example", "/old", "302 http://a.example/?a=b"),
            (json!({"prefix": "/"}), "a.example", "/old//evil.example", "The path would begin with two slashes."),
            (json!({"path": "/y"}), "[::1]:8080", "/x", "302 http://[::1]:8080/y?a=b"),
            (json!({"scheme": "https"}), "a.example", "//evil.example", "302 https://a.example//evil.example?a=b"),
            (json!({"scheme": "https"}), "a_b&c", "/x", "The request's host is not valid."),
        ] {
            assert_eq!(location(&source, authority, path), expected, "{source} {authority} {path}");
        }
    }

    #[test]
    fn mistakes_are_told_at_their_place() {
        for (source, path) in [
            (json!({"scheme": "javascript"}), "scheme"),
            (json!({"host": "a.example:80"}), "host"),
            (json!({"host": "evil.example/x"}), "host"),
            (json!({"port": 0}), "port"),
            (json!({"path": "x"}), "path"),
            (json!({"path": "/x", "prefix": "/y"}), ""),
            (json!({"statusCode": 304}), "statusCode"),
        ] {
            assert_eq!(compile(&source).1, [path], "{source}");
        }
    }
}
