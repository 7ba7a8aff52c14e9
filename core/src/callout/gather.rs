//! What origins a configuration names.

use super::{Origin, Origins};
use crate::problem::Problems;
use crate::resource::Service;
use crate::resource::service::{Config, Upstream};
use crate::snapshot::Snapshot;

/// All that a deployment of this configuration may call, for hosts that must be told beforehand.
pub fn outbound(snapshot: &Snapshot) -> Origins {
    let services = snapshot.services.keys().filter_map(|name| snapshot.service(name));
    let mut origins: Origins = services.flat_map(|service| upstreams(&service.spec)).collect();
    // What is wrong with them was said when the Snapshot was made.
    origins.extend(scripts(snapshot));
    let collector = snapshot.gateway.spec.telemetry.as_ref().and_then(|telemetry| telemetry.otlp.as_ref());
    origins.extend(collector.and_then(|otlp| Origin::of_upstream(&otlp.url)));
    origins.extend(Origins::compile("allow", &snapshot.gateway.spec.callouts.allow, &mut Problems::new()));
    let otlp = snapshot.gateway.spec.telemetry.as_ref().and_then(|telemetry| telemetry.otlp.as_ref());
    origins.extend(otlp.and_then(|otlp| Origin::of_upstream(&otlp.url)).into_iter().collect::<Origins>());
    origins
}

/// What stands in scripts. A build without Lua compiles no configuration that has any.
#[cfg(feature = "lua")]
fn scripts(snapshot: &Snapshot) -> Origins {
    let services: Vec<_> = snapshot.services.keys().filter_map(|name| snapshot.service(name)).collect();
    let plugins =
        services.iter().flat_map(|service| configs(&service.spec)).filter_map(|config| config.http.as_ref()).flat_map(|http| &http.plugins);
    plugins.filter_map(|plugin| plugin.lua.as_ref()).flat_map(|lua| crate::plugin::lua::origins_in(&lua.inline)).collect()
}

#[cfg(not(feature = "lua"))]
fn scripts(_: &Snapshot) -> Origins {
    Origins::default()
}

/// The upstreams of all configurations of a Service.
pub fn upstreams(service: &Service) -> Origins {
    configs(service).filter_map(|config| config.upstream.as_ref()).flat_map(urls).filter_map(|url| Origin::of_upstream(url)).collect()
}

fn configs(service: &Service) -> impl Iterator<Item = &Config> {
    service.config.iter().chain(service.dynamic_config.iter().flat_map(|dynamic| &dynamic.configs))
}

fn urls(upstream: &Upstream) -> impl Iterator<Item = &String> {
    let endpoints = upstream.loadbalance.iter().flat_map(|balance| &balance.endpoints).map(|endpoint| &endpoint.url);
    upstream.url.iter().chain(endpoints)
}
