use std::collections::BTreeSet;

use http::Uri;
use postern_core::resource::Service;
use postern_core::resource::service::{Config, Upstream};
use postern_core::snapshot::Snapshot;

/// The origins (RFC 6454 §4) of all upstreams and of their token endpoints: `https://host`, with the port where it is not the scheme's.
pub fn origins(snapshot: &Snapshot) -> BTreeSet<String> {
    let services = snapshot.services.keys().filter_map(|name| snapshot.service(name));
    services.flat_map(|service| urls(&service.spec)).filter_map(|url| origin(&url)).collect()
}

fn urls(service: &Service) -> Vec<String> {
    let dynamic = service.dynamic_config.iter().flat_map(|dynamic| &dynamic.configs);
    service.config.iter().chain(dynamic).flat_map(of_config).collect()
}

fn of_config(config: &Config) -> Vec<String> {
    let token_endpoint = config.http.as_ref().and_then(|http| http.auth.as_ref()?.oauth2_client_credentials.as_ref());
    let upstreams = config.upstream.iter().flat_map(of_upstream);
    upstreams.chain(token_endpoint.map(|client| client.token_url.clone())).collect()
}

fn of_upstream(upstream: &Upstream) -> Vec<String> {
    let endpoints = upstream.loadbalance.iter().flat_map(|balance| &balance.endpoints).map(|endpoint| &endpoint.url);
    upstream.url.iter().chain(endpoints).cloned().collect()
}

fn origin(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let (scheme, host) = (uri.scheme_str()?, uri.host()?);
    let usual = match scheme {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    let host = host.to_ascii_lowercase();
    Some(match uri.port_u16().filter(|port| *port != usual) {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_a_host_and_an_unusual_port() {
        for (url, want) in [
            ("https://API.example.com/v1", Some("https://api.example.com")),
            ("https://api.example.com:443", Some("https://api.example.com")),
            ("http://localhost:9000/x?y", Some("http://localhost:9000")),
            ("http://[::1]:9000", Some("http://[::1]:9000")),
            ("ssh://example.com", None),
            ("/path", None),
        ] {
            assert_eq!(origin(url).as_deref(), want, "{url}");
        }
    }
}
