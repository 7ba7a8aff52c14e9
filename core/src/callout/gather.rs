//! What origins a configuration names.

use super::{Origin, Origins};
use crate::problem::Problems;
use crate::resource::Service;
use crate::resource::service::{Config, Upstream};
use crate::snapshot::Snapshot;

/// All that a deployment of this configuration may call, for hosts that must be told beforehand.
pub fn outbound(snapshot: &Snapshot) -> Origins {
    let services = snapshot.services.keys().filter_map(|name| snapshot.service(name));
    let mut origins = Origins::default();
    for service in services {
        origins.extend(upstreams(&service.spec));
        origins.extend(configs(&service.spec).filter_map(token_url).filter_map(Origin::of_upstream));
    }
    // What is wrong with them was said when the Snapshot was made.
    origins.extend(Origins::compile("allow", &snapshot.gateway.spec.callouts.allow, &mut Problems::new()));
    origins
}

/// The upstreams of all configurations of a Service.
pub fn upstreams(service: &Service) -> Origins {
    configs(service).filter_map(|config| config.upstream.as_ref()).flat_map(urls).filter_map(|url| Origin::of_upstream(url)).collect()
}

fn configs(service: &Service) -> impl Iterator<Item = &Config> {
    service.config.iter().chain(service.dynamic_config.iter().flat_map(|dynamic| &dynamic.configs))
}

/// Where the credential for an upstream comes from. Plugins have no business there.
fn token_url(config: &Config) -> Option<&str> {
    Some(config.http.as_ref()?.auth.as_ref()?.oauth2_client_credentials.as_ref()?.token_url.as_str())
}

fn urls(upstream: &Upstream) -> impl Iterator<Item = &String> {
    let endpoints = upstream.loadbalance.iter().flat_map(|balance| &balance.endpoints).map(|endpoint| &endpoint.url);
    upstream.url.iter().chain(endpoints)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::secret::testing::snapshot;
    use crate::testing::test;

    #[test]
    fn a_deployment_calls_upstreams_token_endpoints_and_what_is_allowed() {
        let auth = json!({"oauth2ClientCredentials": {"clientID": "a", "clientSecret": {"fromSecret": "s"}, "tokenURL": "https://Issuer.example/t?x"}});
        let spec = json!({
            "mode": "HTTP",
            "config": {"upstream": {"url": "wss://a.example"}, "http": {"auth": auth}},
            "dynamicConfig": {"configs": [{"name": "b", "upstream": {"loadbalance": {"endpoints": [{"url": "http://b.example:81"}]}}}]},
        });
        let snapshot = snapshot(json!({
            "services": {"api.default": {"kind": "Service", "metadata": {"name": "api"}, "spec": spec}},
            "gateway": {"kind": "Gateway", "metadata": {"name": "default"}, "spec": {"callouts": {"allow": ["https://c.example"]}}},
        }));
        let text = |origins: Origins| origins.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(text(outbound(&snapshot)), ["http://b.example:81", "https://a.example", "https://c.example", "https://issuer.example"]);
        let service = snapshot.service("api.default").unwrap();
        assert_eq!(text(upstreams(&service.spec)), ["http://b.example:81", "https://a.example"]);
    }
}
