//! What origins a configuration names.

use super::{Origin, Origins};
use crate::problem::Problems;
use crate::resource::Service;
use crate::resource::service::{Config, Upstream};
use crate::service::written_out;
use crate::snapshot::Snapshot;

/// Where a configuration by itself leads, its upstream and its token endpoint; `None` for what is no URL.
pub fn of_config(config: &Config) -> Vec<Option<Origin>> {
    let auth = config.http.as_ref().and_then(|http| http.auth.as_ref());
    let token_url = auth.and_then(|auth| auth.oauth2_client_credentials.as_ref()).map(|credentials| &credentials.token_url);
    config.upstream.iter().flat_map(urls).chain(token_url).map(|url| Origin::of_upstream(url)).collect()
}

/// All that a deployment of this configuration may call, for hosts that must be told beforehand.
pub fn outbound(snapshot: &Snapshot) -> Origins {
    let services = snapshot.services.keys().filter_map(|name| snapshot.service(name));
    let mut origins: Origins = services.flat_map(|service| upstreams(&service.spec).into_iter().chain(made(&service.spec))).collect();
    // What is wrong with them was said when the Snapshot was made.
    origins.extend(Origins::compile("allow", &snapshot.gateway.spec.callouts.allow, &mut Problems::new()));
    origins
}

/// The upstreams of all configurations of a Service.
pub fn upstreams(service: &Service) -> Origins {
    configs(service).filter_map(|config| config.upstream.as_ref()).flat_map(urls).filter_map(|url| Origin::of_upstream(url)).collect()
}

/// What the rules write out that make configurations.
fn made(service: &Service) -> Origins {
    service.dynamic_config.iter().flat_map(|dynamic| &dynamic.rules).flat_map(written_out).collect()
}

fn configs(service: &Service) -> impl Iterator<Item = &Config> {
    service.config.iter().chain(service.dynamic_config.iter().flat_map(|dynamic| &dynamic.configs))
}

fn urls(upstream: &Upstream) -> impl Iterator<Item = &String> {
    let endpoints = upstream.loadbalance.iter().flat_map(|balance| &balance.endpoints).map(|endpoint| &endpoint.url);
    upstream.url.iter().chain(endpoints)
}
