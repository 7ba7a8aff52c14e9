//! What origins a configuration names.

use super::{Origin, Origins};
use crate::plugin::processor_origin;
use crate::problem::Problems;
use crate::resource::Service;
use crate::resource::service::{Config, Http, Upstream};
use crate::service::written_out;
use crate::snapshot::Snapshot;

/// Where a configuration by itself leads, its upstream, its token endpoint and its mirrors; `None` for what is no URL.
pub fn of_config(config: &Config) -> Vec<Option<Origin>> {
    let auth = config.http.as_ref().and_then(|http| http.auth.as_ref());
    let token_url = auth.and_then(|auth| auth.oauth2_client_credentials.as_ref()).map(|credentials| &credentials.token_url);
    let mirrors = config.http.iter().flat_map(|http| &http.mirror).map(|mirror| &mirror.url);
    config.upstream.iter().flat_map(urls).chain(token_url).chain(mirrors).map(|url| Origin::of_upstream(url)).collect()
}

/// All that a deployment of this configuration may call, for hosts that must be told beforehand.
pub fn outbound(snapshot: &Snapshot) -> Origins {
    let mut origins = Origins::default();
    for service in snapshot.services.keys().filter_map(|name| snapshot.service(name)) {
        origins.extend(upstreams(&service.spec));
        origins.extend(made(&service.spec));
        origins.extend(issuers(&service.spec));
        origins.extend(configs(&service.spec).filter_map(|config| config.http.as_ref()).flat_map(of_http));
    }
    // What is wrong with them was said when the Snapshot was made.
    origins.extend(scripts(snapshot));
    let collector = snapshot.gateway.spec.telemetry.as_ref().and_then(|telemetry| telemetry.otlp.as_ref());
    origins.extend(collector.and_then(|otlp| Origin::of_upstream(&otlp.url)));
    origins.extend(Origins::compile("allow", &snapshot.gateway.spec.callouts.allow, &mut Problems::new()));
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

/// What is called beside the upstream: token endpoints, mirrors, and what plugins name.
fn of_http(http: &Http) -> Origins {
    let token_endpoint = http.auth.iter().filter_map(|auth| Origin::of_upstream(&auth.oauth2_client_credentials.as_ref()?.token_url));
    let processors = http.plugins.iter().filter_map(|plugin| processor_origin(plugin.ext_proc.as_ref()?));
    let mirrors = http.mirror.iter().filter_map(|mirror| Origin::of_upstream(&mirror.url));
    token_endpoint.chain(processors).chain(mirrors).collect()
}

/// Where the keys of other issuers' tokens are.
fn issuers(service: &Service) -> Origins {
    let providers = service.authentication.iter().flat_map(|authentication| &authentication.jwt);
    providers.filter_map(|provider| Origin::of_upstream(provider.jwks.url.as_ref()?)).collect()
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

#[cfg(test)]
#[cfg(all(feature = "ext-proc", feature = "jwt", feature = "mirrors", feature = "oauth2-client", feature = "pools"))]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::test;

    #[test]
    fn everything_that_is_named_is_found() {
        let service = json!({"kind": "Service", "metadata": {"name": "a"}, "spec": {
            "mode": "HTTP",
            "authentication": {"jwt": [
                {"name": "a", "jwks": {"url": "https://issuer.example/.well-known/jwks.json"}}, {"name": "b", "jwks": {"inline": "{}"}},
            ]},
            "config": {
                "upstream": {"url": "wss://default.example"},
                "http": {
                    "auth": {"oauth2ClientCredentials": {
                        "clientID": "a", "clientSecret": {"fromSecret": "b"}, "tokenURL": "https://token.example/oauth2/token",
                    }},
                    "mirror": [{"url": "https://mirror.example"}],
                    "plugins": [
                        {"name": "a", "extProc": {"address": "127.0.0.1:9002"}},
                        {"name": "b", "extProc": {"address": "https://processor.example/process", "protocol": "HTTP"}},
                        {"name": "c", "extProc": {"container": {"image": "a", "port": 1}}},
                    ],
                },
            },
            "dynamicConfig": {"configs": [
                {"name": "a", "upstream": {"pools": [{"configs": ["b"]}, {"configs": ["c"]}]}},
                {"name": "c", "upstream": {"url": "https://member.example"}, "ai": {"provider": "OPENAI"}},
                {"name": "b", "upstream": {"loadbalance": {"endpoints": [{"url": "http://one.example:81"}, {"url": "http://two.example"}]}}},
            ]},
        }});
        let snapshot = json!({
            "format": 1, "generation": 1, "domain": "localhost",
            "gateway": {"kind": "Gateway", "metadata": {"name": "default"}, "spec": {"callouts": {"allow": ["https://allowed.example"]}}},
            "services": {"a.default": service},
            "namespaces": {}, "users": {}, "groups": {}, "policies": {}, "credentials": {}, "secrets": {},
        });
        let origins = outbound(&Snapshot::from_json(&snapshot.to_string()).unwrap());
        let texts: Vec<String> = origins.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "http://127.0.0.1:9002",
                "http://one.example:81",
                "http://two.example",
                "https://allowed.example",
                "https://default.example",
                "https://issuer.example",
                "https://member.example",
                "https://mirror.example",
                "https://processor.example",
                "https://token.example",
            ]
        );
    }
}
