//! Mode `WEB`: a person who opens a page in a browser and may not is sent to a page that helps, where there is one. Programs get 401
//! and 403, in this mode too.

mod browser;
mod compile;
#[cfg(test)]
mod tests;

use http::{HeaderValue, Method};

use crate::auth::holds_gateway_token;
use crate::error::{ErrorKind, GatewayError};
use crate::percent;
use crate::receive::Received;
use crate::resource::UserType;

/// `Gateway.spec.web`, compiled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pages {
    login: Option<String>,
    denied: Option<String>,
}

/// Where somebody who opens a page is sent; nowhere for any other request.
#[derive(Debug, Default)]
pub struct Visit<'p> {
    /// With the way back.
    login: Option<String>,
    denied: Option<&'p str>,
}

impl Pages {
    /// Looks at a request to a Service of mode `WEB`. `is_https` says that the gateway is reached by `https`, whatever is spoken between
    /// a proxy and this host.
    pub fn visit(&self, received: &Received, is_https: bool) -> Visit<'_> {
        let has_pages = self.login.is_some() || self.denied.is_some();
        if !has_pages || received.method != Method::GET || received.websocket || !browser::opens_a_page(&received.headers) {
            return Visit::default();
        }
        let login = self.login.as_ref().zip(opened(received, is_https)).map(|(login, url)| {
            let separator = if login.contains('?') { '&' } else { '?' };
            format!("{login}{separator}redirect={}", percent::encode(url.as_bytes(), percent::is_unreserved))
        });
        Visit { login, denied: self.denied.as_deref() }
    }
}

impl Visit<'_> {
    /// Sends somebody who is not known to the page for that, with the way back in `redirect`.
    pub fn unauthenticated(&self, error: GatewayError) -> GatewayError {
        match &self.login {
            Some(page) if error.kind == ErrorKind::Unauthenticated => redirected(error, page),
            _ => error,
        }
    }

    /// Sends a person who is known and may not to the page that says so. A program is told.
    pub fn denied(&self, error: GatewayError, user: Option<UserType>) -> GatewayError {
        match self.denied {
            Some(page) if error.kind == ErrorKind::Forbidden && user == Some(UserType::Human) => redirected(error, page),
            _ => error,
        }
    }
}

fn redirected(error: GatewayError, page: &str) -> GatewayError {
    match HeaderValue::from_str(page) {
        Ok(location) => error.redirecting(location),
        Err(_) => error,
    }
}

/// The address of a request that was routed to one of the gateway's own hosts, so that the page which leads back leads to one of them.
/// Tokens are left out of its query; one in its path cannot be.
fn opened(received: &Received, is_https: bool) -> Option<String> {
    let path = received.path.as_str();
    if holds_gateway_token(&percent::decode(path)) {
        return None;
    }
    let scheme = if is_https { "https" } else { &received.scheme };
    let query: Vec<&str> = received.query.iter().flat_map(|query| query.split('&')).filter(|pair| !is_credential(pair)).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    Some(format!("{scheme}://{}{path}{mark}{}", received.authority, query.join("&")))
}

/// Whether a parameter of a query holds something that opens doors (RFC 6750 §2.3, and what APIs call it).
fn is_credential(pair: &str) -> bool {
    const NAMES: [&str; 8] = ["access_token", "refresh_token", "id_token", "token", "client_secret", "api_key", "apikey", "key"];
    let name = pair.split('=').next().unwrap_or_default();
    let name = String::from_utf8_lossy(&percent::decode(name)).to_ascii_lowercase();
    NAMES.contains(&name.as_str()) || holds_gateway_token(&percent::decode(pair))
}
