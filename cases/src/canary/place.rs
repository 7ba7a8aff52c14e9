use std::collections::BTreeMap;

use postern_core::resource::service::{Config, Extractor, SecretRef, TemplateText, TokenAuthMethod, UpstreamAuth};
use postern_core::resource::{AnyResource, Service};
use postern_core::secret::SecretName;

/// Where a secret may be seen: a part of the requests to some upstreams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub reach: Reach,
    pub part: Part,
}

/// Upstreams that a configuration leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Only a request tells which.
    Anywhere,
    /// By their names in the case.
    Upstreams(Vec<String>),
}

/// A part of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// A header, by its name in lower case.
    Header(String),
    /// A parameter of the query.
    Query(String),
    /// The body of a request for this path.
    Form(String),
}

/// A use that a configuration makes of a Secret.
#[derive(Debug)]
pub(crate) struct Use {
    /// The Secret's variable; `None` for whichever Secret a configuration names that is made for a request.
    pub variable: Option<String>,
    pub place: Place,
}

/// Names of the case's upstreams by their authority.
pub(crate) type Authorities = BTreeMap<String, String>;

/// What stands for the variable of the tokens that upstreams issue.
pub(crate) const ISSUED: &str = "";

impl Place {
    pub fn admits(&self, upstream: &str, part: &Part) -> bool {
        self.part == *part && self.reach.has(upstream)
    }
}

impl Reach {
    pub fn has(&self, upstream: &str) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Upstreams(names) => names.iter().any(|name| name == upstream),
        }
    }

    fn of_urls<'a>(urls: impl Iterator<Item = &'a str>, authorities: &Authorities) -> Self {
        Self::Upstreams(urls.filter_map(|url| authorities.get(authority(url)).cloned()).collect())
    }
}

impl Part {
    pub fn authorization() -> Self {
        Self::Header("authorization".into())
    }
}

/// What a configuration uses Secrets for. One that only signs is seen nowhere.
pub(crate) fn uses<'a>(resources: impl Iterator<Item = &'a AnyResource>, authorities: &Authorities) -> Vec<Use> {
    let resources: Vec<_> = resources.collect();
    let services: Vec<_> = resources
        .iter()
        .filter_map(|resource| match resource {
            AnyResource::Service(service) => Some(&service.spec),
            _ => None,
        })
        .collect();
    let of_gateways = resources.iter().flat_map(|resource| of_telemetry(resource, authorities));
    let of_services = services.iter().flat_map(|service| of_service(service, authorities));
    of_gateways.chain(of_services).chain(of_entries(&resources, &services, authorities)).collect()
}

pub(crate) fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default()
}

/// What stands for the variable of a value that an entry holds itself.
pub(crate) fn entry_variable(credential: &str, entry: &str) -> String {
    format!("{credential}/{entry}")
}

/// What a Gateway sends to its collector.
fn of_telemetry(resource: &AnyResource, authorities: &Authorities) -> Vec<Use> {
    let AnyResource::Gateway(gateway) = resource else { return Vec::new() };
    let Some(otlp) = gateway.spec.telemetry.as_ref().and_then(|telemetry| telemetry.otlp.as_ref()) else { return Vec::new() };
    let secrets = otlp.headers.iter().filter_map(|header| {
        let variable = SecretName::parse(header.from_secret.as_ref()?).ok()?.variable();
        let reach = Reach::of_urls(std::iter::once(otlp.url.as_str()), authorities);
        Some(Use { variable: Some(variable), place: Place { reach, part: Part::Header(header.key.to_ascii_lowercase()) } })
    });
    secrets.collect()
}

/// Entries of credentials belong in the headers that Services put them into.
fn of_entries(resources: &[&AnyResource], services: &[&Service], authorities: &Authorities) -> Vec<Use> {
    let mut uses = Vec::new();
    for resource in resources {
        let AnyResource::Credential(credential) = resource else { continue };
        for (name, entry) in &credential.spec.entries {
            let variable = match &entry.from_secret {
                Some(secret) => SecretName::parse(secret).map(|name| name.variable()).unwrap_or_default(),
                None => entry_variable(&credential.metadata.name, name),
            };
            for service in services {
                let keys = service.authentication.as_ref().and_then(|authentication| authentication.api_key.as_ref());
                for mapping in keys.iter().flat_map(|keys| &keys.headers_from_entries).filter(|mapping| mapping.entry == *name) {
                    let header = mapping.header.to_ascii_lowercase();
                    let headers = moved(service, &header).chain([header.clone()]);
                    uses.extend(headers.flat_map(|header| {
                        let reaches = configs(service).map(|config| reach(service, config, authorities));
                        let places = reaches.map(move |reach| Place { reach, part: Part::Header(header.clone()) });
                        places.map(|place| Use { variable: Some(variable.clone()), place }).collect::<Vec<_>>()
                    }));
                }
            }
        }
    }
    uses
}

/// The headers that transformations of a Service write from what an extractor took from this one.
fn moved(service: &Service, header: &str) -> impl Iterator<Item = String> {
    let configs = configs(service).filter_map(|config| config.http.as_ref());
    let requests = configs.flat_map(|http| &http.plugins).filter_map(|plugin| plugin.transform.as_ref()?.request.as_ref());
    requests.flat_map(move |request| {
        let takes = |from: &Extractor| from.header.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(header));
        let taken: Vec<&String> = request.extractors.iter().filter(|(_, from)| takes(from)).map(|(name, _)| name).collect();
        let writes = move |template: &TemplateText| taken.iter().any(|name| template.text.contains(name.as_str()));
        request.headers.iter().filter(move |(_, template)| writes(template)).map(|(name, _)| name.to_ascii_lowercase())
    })
}

fn configs(service: &Service) -> impl Iterator<Item = &Config> {
    service.config.iter().chain(service.dynamic_config.iter().flat_map(|dynamic| &dynamic.configs))
}

fn of_service(service: &Service, authorities: &Authorities) -> Vec<Use> {
    let mut uses = Vec::new();
    for config in configs(service) {
        let reach = reach(service, config, authorities);
        for auth in [Some(config), parent(service, config)].into_iter().flatten().filter_map(auth) {
            let secrets = auth.secrets().into_iter();
            uses.extend(secrets.filter_map(|(field, secret)| of_secret(auth, field, secret, &reach, authorities)));
            if auth.oauth2_client_credentials.is_some() {
                let place = Place { reach: reach.clone(), part: Part::authorization() };
                uses.push(Use { variable: Some(ISSUED.into()), place });
            }
        }
    }
    if makes_configs(service) {
        uses.push(Use { variable: None, place: Place { reach: Reach::Anywhere, part: Part::authorization() } });
    }
    uses
}

/// Where requests go that a configuration serves.
fn reach(service: &Service, config: &Config, authorities: &Authorities) -> Reach {
    if makes_configs(service) {
        return Reach::Anywhere;
    }
    let upstream = config.upstream.as_ref().or_else(|| parent(service, config)?.upstream.as_ref());
    let endpoints = upstream.iter().filter_map(|upstream| upstream.loadbalance.as_ref()).flat_map(|balance| &balance.endpoints);
    let urls = upstream.iter().filter_map(|upstream| upstream.url.as_deref()).chain(endpoints.map(|endpoint| endpoint.url.as_str()));
    Reach::of_urls(urls, authorities)
}

fn auth(config: &Config) -> Option<&UpstreamAuth> {
    config.http.as_ref()?.auth.as_ref()
}

/// The configuration that this one builds upon.
fn parent<'a>(service: &'a Service, config: &Config) -> Option<&'a Config> {
    let parent = config.parent.as_deref()?;
    configs(service).find(|other| other.name.as_deref().unwrap_or("default") == parent)
}

/// Whether rules make configurations for requests.
fn makes_configs(service: &Service) -> bool {
    let rules = service.dynamic_config.iter().flat_map(|dynamic| &dynamic.rules);
    rules.into_iter().any(|rule| rule.eval.is_some() || rule.opa.is_some())
}

fn of_secret(auth: &UpstreamAuth, field: &[&str], secret: &SecretRef, reach: &Reach, authorities: &Authorities) -> Option<Use> {
    let variable = SecretName::parse(&secret.from_secret).ok()?.variable();
    let here = |part| Place { reach: reach.clone(), part };
    let place = match field {
        ["custom", ..] => here(Part::Header(auth.custom.as_ref()?.header.to_ascii_lowercase())),
        ["query", ..] => here(Part::Query(auth.query.as_ref()?.name.clone())),
        ["sigv4", "sessionToken"] => here(Part::Header("x-amz-security-token".into())),
        ["sigv4", ..] => return None,
        ["oauth2ClientCredentials", ..] => {
            let client = auth.oauth2_client_credentials.as_ref()?;
            let part = match client.auth_method {
                TokenAuthMethod::Post => Part::Form(path(&client.token_url)),
                _ => Part::authorization(),
            };
            Place { reach: Reach::of_urls(std::iter::once(client.token_url.as_str()), authorities), part }
        }
        _ => here(Part::authorization()),
    };
    Some(Use { variable: Some(variable), place })
}

fn path(url: &str) -> String {
    url.parse::<http::Uri>().map(|uri| uri.path().to_owned()).unwrap_or_default()
}
