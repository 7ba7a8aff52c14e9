use std::net::IpAddr;
use std::rc::Rc;

use http::Uri;

use super::super::reference::Reference;
use super::Oauth2;
use super::client::Endpoint;
use crate::check::{at_most, each, url};
use crate::problem::Problems;
use crate::resource::service::{Oauth2ClientCredentials, TokenAuthMethod};

const MAX_SCOPES: usize = 64;

impl Oauth2 {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &Oauth2ClientCredentials, problems: &mut Problems) -> Option<Self> {
        let id = &source.client_id;
        if id.is_empty() || !id.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
            problems.at("clientID", |p| p.error("a client's id is printable ASCII text (RFC 6749 Appendix A.1)"));
        }
        at_most(problems, "scopes", source.scopes.len(), MAX_SCOPES, "scopes");
        each(problems, "scopes", &source.scopes, |problems, scope| {
            if !is_scope(scope) {
                let help = "each item of the list is one of them, without spaces, quotes or backslashes (RFC 6749 §3.3)";
                problems.error_with_help(format!("{scope:?} is not a scope"), help);
            }
        });
        let uri = problems.at("tokenURL", |problems| token_url(&source.token_url, problems));
        let secret = problems.at("clientSecret", |problems| Reference::compile(&source.client_secret, problems));
        let endpoint =
            Endpoint { uri: uri?, id: id.clone(), scope: source.scopes.join(" "), in_form: source.auth_method == TokenAuthMethod::Post };
        Some(Self { endpoint: Rc::new(endpoint), secret: secret? })
    }
}

fn is_scope(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| (0x21..0x7f).contains(&byte) && byte != b'"' && byte != b'\\')
}

fn token_url(text: &str, problems: &mut Problems) -> Option<Uri> {
    let uri = url::parse(text).map_err(|fault| problems.error(fault)).ok()?;
    match uri.scheme_str() {
        Some("https") => {}
        Some("http") => {
            if !uri.host().is_some_and(is_loopback) {
                // RFC 6749 §3.2 asks for TLS.
                problems.warning_with_help("the client's secret would travel in the clear", "use `https`");
            }
        }
        _ => {
            problems.error("a token endpoint's address begins with `https://`");
            return None;
        }
    }
    Some(uri)
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}
