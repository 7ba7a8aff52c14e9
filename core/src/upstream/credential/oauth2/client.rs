use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use http::{Method, Request, Uri};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::super::basic;
use super::answer::{self, Token};
use crate::percent::{encode, is_unreserved};
use crate::platform::{Body, HttpError, Platform, SendOptions};
use crate::secret::SecretValue;

/// Where a client gets its tokens, and for what.
#[derive(Debug)]
pub struct Endpoint {
    pub uri: Uri,
    /// The client's.
    pub id: String,
    /// Scopes with spaces between them; empty for none.
    pub scope: String,
    /// `client_secret_post` in place of `client_secret_basic`.
    pub in_form: bool,
}

/// A client with its secret, which is text.
pub struct Client {
    endpoint: Rc<Endpoint>,
    secret: SecretValue,
}

/// Why there is no token. The texts are for the log, and quote nothing that the endpoint says but the codes of RFC 6749.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenError {
    /// There was no answer.
    Http(HttpError),
    /// The endpoint answered so, perhaps with one of the codes.
    Refused { status: u16, code: Option<&'static str> },
    /// Its answer is not one of RFC 6749 §5.1.
    Malformed(&'static str),
}

/// Time until the answer's head.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes that an answer may have.
const MAX_ANSWER: usize = 64 * 1024;

impl Endpoint {
    /// Host and port, for the log.
    pub fn authority(&self) -> &str {
        self.uri.authority().map_or("", |authority| authority.as_str())
    }
}

impl Client {
    pub fn new(endpoint: Rc<Endpoint>, secret: SecretValue) -> Self {
        Self { endpoint, secret }
    }

    pub fn authority(&self) -> &str {
        self.endpoint.authority()
    }

    /// Names what a token is for: the endpoint, the client, its scopes and its secret. Who asks for the token does not matter.
    pub fn fingerprint(&self) -> [u8; 32] {
        let Endpoint { uri, id, scope, in_form } = &*self.endpoint;
        let mut digest = Sha256::new().chain_update([u8::from(*in_form)]);
        for part in [uri.to_string().as_bytes(), id.as_bytes(), scope.as_bytes(), self.secret.expose()] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        digest.finalize().into()
    }

    /// Asks the endpoint for a token. Redirects are not followed.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn fetch(&self, platform: &Platform) -> Result<Token, TokenError> {
        // Its life counts from before the endpoint was asked, as the answer may be as old as that.
        let asked_at = platform.clock.now();
        let options = SendOptions { timeout: Some(TIMEOUT), whole: Some(MAX_ANSWER), ..SendOptions::default() };
        let response = platform.http.send(self.request(), options).await.map_err(|error| match error {
            HttpError::TooLarge { .. } => TokenError::Malformed("has more than 64 KiB"),
            error => TokenError::Http(error),
        })?;
        let status = response.status();
        let (bytes, _) =
            response.into_body().buffer(MAX_ANSWER).await.map_err(|error| TokenError::Http(HttpError::Broken(error.to_string())))?;
        answer::read(status, &bytes, asked_at)
    }

    /// RFC 6749 §4.4.2, with the client's own credentials as §2.3.1 has them.
    fn request(&self) -> Request<Body> {
        let Endpoint { uri, id, scope, in_form } = &*self.endpoint;
        let secret = form_encode(&String::from_utf8_lossy(self.secret.expose()));
        let id = form_encode(id);
        let mut form = Zeroizing::new("grant_type=client_credentials".to_owned());
        if !scope.is_empty() {
            form.push_str("&scope=");
            form.push_str(&form_encode(scope));
        }
        if *in_form {
            for (name, value) in [("&client_id=", &id), ("&client_secret=", &secret)] {
                form.push_str(name);
                form.push_str(value);
            }
        }
        let mut request = Request::new(Body::from(Bytes::copy_from_slice(form.as_bytes())));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri.clone();
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static("postern"));
        if !in_form {
            // Base64 always fits into a header.
            headers.extend(basic::encode(&id, &secret).header_value("Basic ").ok().map(|value| (AUTHORIZATION, value)));
        }
        request
    }
}

/// RFC 6749 Appendix B.
fn form_encode(text: &str) -> Zeroizing<String> {
    Zeroizing::new(encode(text.as_bytes(), |byte| is_unreserved(byte) || byte == b' ').replace(' ', "+"))
}

impl TokenError {
    /// Whether the same request may succeed later.
    pub fn may_pass(&self) -> bool {
        match self {
            TokenError::Http(error) => !matches!(error, HttpError::Forbidden(_)),
            TokenError::Refused { status, .. } => *status >= 500 || *status == 429,
            TokenError::Malformed(_) => false,
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TokenError::Http(error) => error.fmt(f),
            TokenError::Refused { status, .. } if (300..400).contains(status) => {
                write!(f, "it answered {status}, and redirects are not followed")
            }
            TokenError::Refused { status, code: Some(code) } => write!(f, "it answered {status} ({code})"),
            TokenError::Refused { status, code: None } => write!(f, "it answered {status}"),
            TokenError::Malformed(why) => write!(f, "its answer {why}"),
        }
    }
}
