use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use postern_core::resource::AnyResource;
use postern_core::resource::service::{Config, SecretRef, TokenAuthMethod, UpstreamAuth};
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
    let configs = resources.filter_map(|resource| match resource {
        AnyResource::Service(service) => Some(&service.spec),
        _ => None,
    });
    let configs = configs.flat_map(|spec| spec.config.iter().chain(spec.dynamic_config.iter().flat_map(|dynamic| &dynamic.configs)));
    configs.flat_map(of_config).collect()
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
