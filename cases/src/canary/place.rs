use postern_core::resource::service::{Config, Extractor, SecretRef, TemplateText, TokenAuthMethod, UpstreamAuth};
use postern_core::resource::{AnyResource, Service};
use postern_core::secret::SecretName;

/// Where an upstream may see a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
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
    /// The Secret's variable.
    pub variable: String,
    /// Where it goes; nowhere as it is, for one that only signs.
    pub place: Option<Place>,
}

impl Place {
    pub fn authorization() -> Self {
        Self::Header("authorization".into())
    }
}

/// What the Services of a configuration use Secrets for.
pub(crate) fn uses<'a>(resources: impl Iterator<Item = &'a AnyResource>) -> Vec<Use> {
    let resources: Vec<_> = resources.collect();
    let services: Vec<_> = resources
        .iter()
        .filter_map(|resource| match resource {
            AnyResource::Service(service) => Some(&service.spec),
            _ => None,
        })
        .collect();
    services.iter().flat_map(|service| configs(service)).flat_map(of_config).chain(of_entries(&resources, &services)).collect()
}

/// What stands for the variable of a value that an entry holds itself.
pub(crate) fn entry_variable(credential: &str, entry: &str) -> String {
    format!("{credential}/{entry}")
}

/// Entries of credentials belong in the headers that Services put them into.
fn of_entries(resources: &[&AnyResource], services: &[&Service]) -> Vec<Use> {
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
                    uses.extend(headers.map(|header| Use { variable: variable.clone(), place: Some(Place::Header(header)) }));
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

fn of_config(config: &Config) -> Vec<Use> {
    let Some(auth) = config.http.as_ref().and_then(|http| http.auth.as_ref()) else { return Vec::new() };
    auth.secrets().into_iter().filter_map(|(field, secret)| of_secret(auth, field, secret)).collect()
}

fn of_secret(auth: &UpstreamAuth, field: &[&str], secret: &SecretRef) -> Option<Use> {
    let variable = SecretName::parse(&secret.from_secret).ok()?.variable();
    let place = match field {
        ["custom", ..] => auth.custom.as_ref().map(|custom| Place::Header(custom.header.to_ascii_lowercase())),
        ["query", ..] => auth.query.as_ref().map(|query| Place::Query(query.name.clone())),
        ["sigv4", "sessionToken"] => Some(Place::Header("x-amz-security-token".into())),
        ["sigv4", ..] => None,
        ["oauth2ClientCredentials", ..] => auth.oauth2_client_credentials.as_ref().map(|client| match client.auth_method {
            TokenAuthMethod::Post => Place::Form(path(&client.token_url)),
            _ => Place::authorization(),
        }),
        _ => Some(Place::authorization()),
    };
    Some(Use { variable, place })
}

fn path(url: &str) -> String {
    url.parse::<http::Uri>().map(|uri| uri.path().to_owned()).unwrap_or_default()
}
