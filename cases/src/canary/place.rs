use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use postern_core::resource::service::{Config, SecretRef, TokenAuthMethod, UpstreamAuth};
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
    /// The user name that it goes with, for `Basic`.
    pub username: Option<String>,
}

impl Place {
    pub fn authorization() -> Self {
        Self::Header("authorization".into())
    }
}

impl Use {
    /// The credentials of `Basic` (RFC 7617), of which the secret is a part that cannot be seen.
    pub fn encoded(&self, value: &str) -> Option<String> {
        self.username.as_ref().map(|username| BASE64_STANDARD.encode(format!("{username}:{value}")))
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
    let configs =
        services.iter().flat_map(|spec| spec.config.iter().chain(spec.dynamic_config.iter().flat_map(|dynamic| &dynamic.configs)));
    configs.flat_map(of_config).chain(of_entries(&resources, &services)).collect()
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
            let mappings = services.iter().filter_map(|service| service.authentication.as_ref()?.api_key.as_ref());
            for mapping in mappings.flat_map(|keys| &keys.headers_from_entries).filter(|mapping| mapping.entry == *name) {
                let place = Place::Header(mapping.header.to_ascii_lowercase());
                uses.push(Use { variable: variable.clone(), place: Some(place), username: None });
            }
        }
    }
    uses
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
    let basic = auth.basic.as_ref().map(|basic| basic.username.clone());
    let username = basic.or_else(|| auth.oauth2_client_credentials.as_ref().map(|client| percent(&client.client_id)));
    Some(Use { variable, place, username })
}

fn path(url: &str) -> String {
    url.parse::<http::Uri>().map(|uri| uri.path().to_owned()).unwrap_or_default()
}

/// Percent-encodes all but the unreserved characters (RFC 3986 §2.3).
pub(super) fn percent(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}
