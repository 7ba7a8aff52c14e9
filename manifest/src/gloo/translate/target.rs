//! Where routes lead: from references to documents, to upstreams.

use serde_json::{Map, Value, json};

use super::llm;
use super::world::World;
use crate::gloo::document::{Document, ExternalPort, ExternalService, PortRef, Upstream};
use crate::gloo::{At, Found, Kind, Made};

/// One upstream: a configuration without what its route adds.
#[derive(Debug, Clone)]
pub struct Target {
    /// Names the configuration where there are several.
    pub name: String,
    /// `https://host`, with the port where it is not the scheme's.
    pub urls: Vec<String>,
    /// What `Host` says by itself.
    pub host: String,
    /// What `ai` says.
    pub ai: Option<Value>,
    /// What `http.auth` says.
    pub auth: Option<Value>,
    /// A `Host` that is not that of the URL.
    pub host_header: Option<String>,
    pub http2: bool,
    pub at: At,
}

/// What one reference leads to.
pub enum Leads {
    One(Target),
    /// Tried one after the other; each list shares the requests.
    Pools(Vec<Vec<Target>>),
}

/// A reference with its share of the requests.
pub struct Share {
    pub leads: Leads,
    pub weight: u32,
}

/// Follows a reference to an Upstream.
pub fn upstream(world: &mut World<'_>, name: &str, namespace: Option<&str>, at: &At) -> Option<Leads> {
    let (here, document) = world.follow(Kind::Upstream, name, namespace, at)?;
    let Document::Upstream(upstream) = document else { return None };
    let spec = &upstream.spec;
    match (&spec.ai, &spec.fixed) {
        (Some(ai), None) => llm::leads(world, ai, name, spec.ssl_config.is_some(), &here.field("spec.ai")),
        (None, Some(_)) => fixed(world, spec, name, &here.field("spec.static")).map(Leads::One),
        _ => {
            world.error(&here.field("spec"), "an Upstream has exactly one of `ai` and `static` here");
            None
        }
    }
}

/// Follows a reference to an ExternalService.
pub fn external(world: &mut World<'_>, name: &str, namespace: Option<&str>, port: Option<&PortRef>, at: &At) -> Option<Leads> {
    let (here, document) = world.follow(Kind::ExternalService, name, namespace, &at.field("ref.name"))?;
    let Document::ExternalService(service) = document else { return None };
    let port = chosen_port(world, &service.spec, name, port, at)?;
    let http2 = match port.protocol.as_deref().map(str::to_ascii_uppercase).as_deref() {
        None | Some("HTTP" | "HTTPS") => false,
        Some("HTTP2" | "GRPC") => true,
        Some(other) => {
            world.error(&here.field("spec.ports"), format!("the protocol `{other}` is not supported yet"));
            return None;
        }
    };
    let is_https = port.clientside_tls.is_some() || port.protocol.as_deref().is_some_and(|protocol| protocol.eq_ignore_ascii_case("HTTPS"));
    let hosts = here.field("spec.hosts");
    if let Some(index) = service.spec.hosts.iter().position(|host| host.contains('*')) {
        world.error(&hosts.item(index), "a host with `*` is no address to call");
        return None;
    }
    let Some(host) = service.spec.hosts.first().cloned() else {
        world.error(&here.field("spec"), "an ExternalService has at least one host");
        return None;
    };
    let urls = service.spec.hosts.iter().map(|host| url(is_https, host, port.number)).collect();
    Some(Leads::One(Target { name: name.to_owned(), urls, host, ai: None, auth: None, host_header: None, http2, at: hosts }))
}

/// `https://host:port`, without the port where it is the scheme's own.
pub fn url(is_https: bool, host: &str, port: u16) -> String {
    let (scheme, usual) = if is_https { ("https", 443) } else { ("http", 80) };
    if port == usual { format!("{scheme}://{host}") } else { format!("{scheme}://{host}:{port}") }
}

/// Writes where a route leads into its Service.
pub fn write(world: &mut World<'_>, service: &mut Made, mut shares: Vec<Share>, host_rewrite: Option<(&str, &At)>, at: &At) {
    shares.retain(|share| share.weight > 0);
    let pools = match shares.as_slice() {
        [] => return world.error(at, "no destination has a weight above 0"),
        [Share { leads: Leads::Pools(pools), .. }] => pools.clone(),
        [Share { leads: Leads::One(target), .. }] => return one(service, target, &endpoints(&shares), host_rewrite),
        _ => match balanced(world, &shares, at) {
            Some(Balanced::Endpoints(target)) => return one(service, &target, &endpoints(&shares), host_rewrite),
            Some(Balanced::Pool(pool)) => vec![pool],
            None => return,
        },
    };
    for target in pools.iter().flatten() {
        service.push("dynamicConfig.configs", named(target, host_rewrite), &target.at);
    }
    let names = |pool: &Vec<Target>| json!({ "configs": pool.iter().map(|target| target.name.as_str()).collect::<Vec<_>>() });
    if pools.iter().flatten().all(|target| target.ai.is_some()) {
        keep_all_headers(service, at);
    }
    service.set("config.upstream.pools", pools.iter().map(names).collect::<Vec<_>>(), at);
}

/// Gloo keeps none of the caller's headers from a model provider, and has no field to name those that may go.
fn keep_all_headers(service: &mut Made, at: &At) {
    service.push("config.http.header.keepRequestHeaders", "*", at);
}

enum Balanced {
    /// The endpoints of all, as one configuration.
    Endpoints(Target),
    /// One pool of configurations.
    Pool(Vec<Target>),
}

fn balanced(world: &mut World<'_>, shares: &[Share], at: &At) -> Option<Balanced> {
    let targets: Vec<&Target> = shares
        .iter()
        .filter_map(|share| match &share.leads {
            Leads::One(target) => Some(target),
            Leads::Pools(_) => None,
        })
        .collect();
    let first = *targets.first()?;
    let is_plain =
        |target: &&Target| target.ai.is_none() && target.auth.is_none() && target.host_header.is_none() && target.http2 == first.http2;
    let scheme = |url: &String| url.split(':').next().map(str::to_owned);
    let is_of_one_scheme = targets.iter().flat_map(|target| &target.urls).all(|url| scheme(url) == first.urls.first().and_then(scheme));
    let has_equal_weights = shares.windows(2).all(|pair| matches!(pair, [a, b] if a.weight == b.weight));
    if targets.len() == shares.len() && targets.iter().all(is_plain) && is_of_one_scheme {
        return Some(Balanced::Endpoints(first.clone()));
    }
    if targets.len() == shares.len() && has_equal_weights {
        return Some(Balanced::Pool(targets.into_iter().cloned().collect()));
    }
    let help = "give all of them the same weight, or make one Upstream with `multi` of them";
    world.tell(
        Found::error(at, "these destinations cannot share requests by weight: they differ in more than their address").with_help(help),
    );
    None
}

/// URLs with weights: a destination with several hosts divides its own among them.
fn endpoints(shares: &[Share]) -> Vec<(String, u64)> {
    let hosts = |share: &Share| match &share.leads {
        Leads::One(target) => target.urls.clone(),
        Leads::Pools(_) => Vec::new(),
    };
    let common: u64 = shares.iter().map(|share| hosts(share).len() as u64).filter(|count| *count > 0).product();
    let mut endpoints = Vec::new();
    for share in shares {
        let urls = hosts(share);
        let each = u64::from(share.weight).saturating_mul(common.checked_div(urls.len() as u64).unwrap_or(1));
        endpoints.extend(urls.into_iter().map(|url| (url, each)));
    }
    endpoints
}

fn one(service: &mut Made, target: &Target, endpoints: &[(String, u64)], host_rewrite: Option<(&str, &At)>) {
    let (field, value) = upstream_of(endpoints);
    service.set(&format!("config.upstream.{field}"), value, &target.at);
    if let Some(ai) = &target.ai {
        service.set("config.ai", ai.clone(), &target.at);
        keep_all_headers(service, &target.at);
    }
    if let Some(auth) = &target.auth {
        service.set("config.http.auth", auth.clone(), &target.at.field("authToken"));
    }
    if target.http2 {
        service.set("config.http.isUpstreamHTTP2", true, &target.at);
    }
    let is_that_of_all = |host: &str| endpoints.iter().all(|(url, _)| host_of(url) == host);
    match host_rewrite.filter(|(host, _)| !is_that_of_all(host)) {
        Some((host, at)) => service.set("config.http.header.host.value", host, at),
        None => {
            if let Some(host) = &target.host_header {
                service.set("config.http.header.host.value", host.as_str(), &target.at);
            }
        }
    }
}

/// A configuration with a name, for a pool.
fn named(target: &Target, host_rewrite: Option<(&str, &At)>) -> Value {
    let urls: Vec<(String, u64)> = target.urls.iter().map(|url| (url.clone(), 1)).collect();
    let (field, upstream) = upstream_of(&urls);
    let mut config = json!({ "name": target.name, "upstream": { field: upstream } });
    let mut http = Map::new();
    let host = host_rewrite.map(|(host, _)| host).filter(|host| *host != target.host).or(target.host_header.as_deref());
    if let Some(host) = host {
        http.insert("header".to_owned(), json!({ "host": { "value": host } }));
    }
    if let Some(auth) = &target.auth {
        http.insert("auth".to_owned(), auth.clone());
    }
    if target.http2 {
        http.insert("isUpstreamHTTP2".to_owned(), true.into());
    }
    if let Some(config) = config.as_object_mut() {
        if let Some(ai) = &target.ai {
            config.insert("ai".to_owned(), ai.clone());
        }
        if !http.is_empty() {
            config.insert("http".to_owned(), http.into());
        }
    }
    config
}

fn upstream_of(endpoints: &[(String, u64)]) -> (&'static str, Value) {
    if let [(url, _)] = endpoints {
        return ("url", url.as_str().into());
    }
    let is_even = endpoints.windows(2).all(|pair| matches!(pair, [a, b] if a.1 == b.1));
    let endpoint = |(url, weight): &(String, u64)| if is_even { json!({ "url": url }) } else { json!({ "url": url, "weight": weight }) };
    ("loadbalance", json!({ "endpoints": endpoints.iter().map(endpoint).collect::<Vec<_>>() }))
}

/// The host of a URL as [`url`] makes it.
fn host_of(url: &str) -> &str {
    let authority = url.split("://").nth(1).unwrap_or_default();
    authority.rsplit_once(':').map_or(authority, |(host, _)| host)
}

fn fixed(world: &mut World<'_>, upstream: &Upstream, name: &str, at: &At) -> Option<Target> {
    let fixed = upstream.fixed.as_ref()?;
    let Some(first) = fixed.hosts.first() else {
        world.error(at, "`static` has at least one host");
        return None;
    };
    // Gloo turns TLS on by itself for this port.
    let is_https = |port: u16| fixed.use_tls.unwrap_or(port == 443) || upstream.ssl_config.is_some();
    let urls = fixed.hosts.iter().map(|host| url(is_https(host.port), &host.addr, host.port)).collect();
    let host_header = upstream.ssl_config.as_ref().and_then(|ssl| ssl.sni.clone()).filter(|sni| *sni != first.addr);
    Some(Target {
        name: name.to_owned(),
        urls,
        host: first.addr.clone(),
        ai: None,
        auth: None,
        host_header,
        http2: false,
        at: at.field("hosts"),
    })
}

fn chosen_port<'s>(
    world: &mut World<'_>,
    service: &'s ExternalService,
    name: &str,
    port: Option<&PortRef>,
    at: &At,
) -> Option<&'s ExternalPort> {
    let chosen = match port {
        Some(PortRef { number: Some(number), .. }) => service.ports.iter().find(|port| port.number == *number),
        Some(PortRef { name: Some(name), .. }) => service.ports.iter().find(|port| port.name.as_ref() == Some(name)),
        _ => service.ports.first().filter(|_| service.ports.len() == 1),
    };
    if chosen.is_none() {
        let ports: Vec<String> = service.ports.iter().map(|port| port.number.to_string()).collect();
        let message = if port.is_some() { "has no such port" } else { "has several ports, or none, and `port` says which" };
        let found = Found::error(&at.field("port"), format!("the ExternalService `{name}` {message}"));
        world.tell(found.with_help(format!("its ports are: {}", ports.join(", "))));
    }
    chosen
}
