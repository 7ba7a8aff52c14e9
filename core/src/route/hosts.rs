//! Which Service, or which endpoint of the gateway's own, a request is for. Decided by the host and, under the gateway's own
//! hosts, by the path; nothing here reads a header.

use crate::receive::CleanPath;

/// Answers when a process is asked whether it lives. It says nothing about anything behind it.
pub const HEALTH: &str = "/-/healthz";

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// The gateway itself: its endpoints, by the path.
    Gateway,
    /// A Service by `name.namespace`, with the path that it sees.
    Service { name: String, path: CleanPath },
    /// Nothing here answers on this host.
    Nowhere,
}

/// The names that the gateway answers to.
#[derive(Debug, Clone)]
pub struct Hosts {
    domain: String,
    /// Hosts, without ports, at which the gateway's endpoints and `/-/` answer.
    own: Vec<String>,
}

impl Hosts {
    /// `urls` are those under which the gateway is known: `Gateway.spec.url` and the listener's.
    pub fn new(domain: &str, urls: &[&str]) -> Self {
        let domain = domain.to_ascii_lowercase();
        let mut own = vec![domain.clone()];
        own.extend(urls.iter().filter_map(|url| url.parse::<http::Uri>().ok()?.authority().map(|authority| host_of(authority.as_str()))));
        if domain == "localhost" {
            own.extend(["127.0.0.1".to_owned(), "[::1]".to_owned()]);
        }
        Self { domain, own }
    }

    /// `exists` tells whether there is a Service of that full name.
    pub fn route(&self, authority: &str, path: &CleanPath, exists: impl Fn(&str) -> bool) -> Route {
        let host = host_of(authority);
        // Its own hosts first: `Gateway.spec.url` may be below the domain, and no Service stands in front of the token endpoint.
        if self.own.contains(&host) {
            return under_dash(path, exists).unwrap_or(Route::Gateway);
        }
        if let Some(labels) = host.strip_suffix(&self.domain).and_then(|rest| rest.strip_suffix('.')) {
            return match service_of_labels(labels, exists) {
                Some(name) => Route::Service { name, path: path.clone() },
                None => Route::Nowhere,
            };
        }
        Route::Nowhere
    }

    /// The public host of a Service, by `name.namespace`, without a port.
    pub fn public_host(&self, service: &str) -> String {
        match service.split_once('.').unwrap_or((service, "default")) {
            ("default", "default") => self.domain.clone(),
            ("default", namespace) => format!("{namespace}.{}", self.domain),
            (name, "default") => format!("{name}.{}", self.domain),
            (name, namespace) => format!("{name}.{namespace}.{}", self.domain),
        }
    }
}

/// The host of an authority: without port and trailing dot, in lower case.
pub fn host_of(authority: &str) -> String {
    let host = match authority.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, _)) => format!("[{address}]"),
            None => authority.to_owned(),
        },
        None => authority.split(':').next().unwrap_or_default().to_owned(),
    };
    host.strip_suffix('.').unwrap_or(&host).to_ascii_lowercase()
}

/// `svc`, `svc.ns`, or `ns` for the Service `default` of that namespace; a Service of the default namespace comes first.
fn service_of_labels(labels: &str, exists: impl Fn(&str) -> bool) -> Option<String> {
    let candidates = match labels.split_once('.') {
        None => vec![format!("{labels}.default"), format!("default.{labels}")],
        Some((_, namespace)) if namespace.contains('.') => vec![],
        Some(_) => vec![labels.to_owned()],
    };
    candidates.into_iter().find(|name| exists(name))
}

/// `/-/name[.namespace]/…`, for hosts that cannot have subdomains.
fn under_dash(path: &CleanPath, exists: impl Fn(&str) -> bool) -> Option<Route> {
    let rest = path.as_str().strip_prefix("/-/").filter(|_| path.as_str() != HEALTH)?;
    let labels = rest.split('/').next()?;
    let name = service_of_labels(labels, exists)?;
    let path = path.rebased(Some(&format!("/-/{labels}")), None).ok()?;
    Some(Route::Service { name, path })
}

#[cfg(test)]
mod tests {
    use crate::testing::test;

    use super::*;

    fn route(authority: &str, path: &str) -> String {
        let hosts = Hosts::new("example.com", &["https://gw.example.net:8443", "https://login.example.com"]);
        let services = ["gemini.default", "api.prod", "default.staging", "prod.default", "login.default", "healthz.default"];
        match hosts.route(authority, &CleanPath::new(path).unwrap(), |name| services.contains(&name)) {
            Route::Gateway => "gateway".to_owned(),
            Route::Service { name, path } => format!("{name} {}", path.as_str()),
            Route::Nowhere => "nowhere".to_owned(),
        }
    }

    #[test]
    fn routes_by_host_and_dash() {
        let table = [
            ("gemini.example.com", "/chat", "gemini.default /chat"),
            ("GEMINI.example.com:8080", "/chat", "gemini.default /chat"),
            ("gemini.example.com.", "/chat", "gemini.default /chat"),
            ("gemini.default.example.com", "/", "gemini.default /"),
            ("api.prod.example.com", "/", "api.prod /"),
            ("staging.example.com", "/", "default.staging /"),
            ("prod.example.com", "/", "prod.default /"),
            ("api.staging.example.com", "/", "nowhere"),
            ("x.gemini.default.example.com", "/", "nowhere"),
            ("evilexample.com", "/", "nowhere"),
            ("evil.com", "/oauth2/token", "nowhere"),
            ("example.com", "/oauth2/token", "gateway"),
            ("gw.example.net:8443", "/oauth2/introspect", "gateway"),
            ("gemini.example.com", "/oauth2/token", "gemini.default /oauth2/token"),
            ("example.com", "/-/gemini/chat", "gemini.default /chat"),
            ("example.com", "/-/gemini", "gemini.default /"),
            ("example.com", "/-/api.prod/x", "api.prod /x"),
            ("example.com", "/-/nope/x", "gateway"),
            ("example.com", "/-/healthz", "gateway"),
            ("example.com", "/-/healthz/", "healthz.default /"),
            ("login.example.com", "/oauth2/token", "gateway"),
            ("login.example.com", "/-/gemini/chat", "gemini.default /chat"),
            ("example.com", "/", "gateway"),
            ("127.0.0.1", "/oauth2/token", "nowhere"),
        ];
        for (authority, path, expected) in table {
            assert_eq!(route(authority, path), expected, "{authority}{path}");
        }
    }

    #[test]
    fn a_local_domain_answers_on_loopback() {
        let hosts = Hosts::new("localhost", &[]);
        for authority in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080"] {
            assert_eq!(hosts.route(authority, &CleanPath::new("/oauth2/token").unwrap(), |_| false), Route::Gateway, "{authority}");
        }
    }

    #[test]
    fn public_hosts() {
        let hosts = Hosts::new("example.com", &[]);
        assert_eq!(hosts.public_host("a.default"), "a.example.com");
        assert_eq!(hosts.public_host("a.b"), "a.b.example.com");
        assert_eq!(hosts.public_host("default.b"), "b.example.com");
    }
}
