use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::entry::Bodies;
use super::outcome::is_event_stream;
use super::visibility::{MAX_LOGGED_BODY, Visibility};
use crate::auth::holds_gateway_token;

/// A response's body that the log may hold, as it passes.
#[derive(Debug)]
pub struct ShownBody {
    bytes: Vec<u8>,
    /// More passed than the log holds.
    too_large: bool,
    text: bool,
    map: bool,
}

impl ShownBody {
    /// Nothing for a body that nobody asked for, that is a stream of events or encoded, or that says itself that it is too large.
    pub fn begin(visibility: &Visibility, status: StatusCode, headers: &HeaderMap) -> Option<Self> {
        let (text, map) = (visibility.response_body, visibility.response_body_map);
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let is_stream = status == StatusCode::SWITCHING_PROTOCOLS || header(CONTENT_TYPE).is_some_and(is_event_stream);
        let is_encoded = header(CONTENT_ENCODING).is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity"));
        let length = header(CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
        let is_wanted = (text || map) && !is_stream && !is_encoded && length.is_none_or(|length| length <= MAX_LOGGED_BODY);
        is_wanted.then(|| Self { bytes: Vec::new(), too_large: false, text, map })
    }

    pub fn add(&mut self, part: &[u8]) {
        if self.too_large || self.bytes.len() + part.len() > MAX_LOGGED_BODY {
            self.too_large = true;
            self.bytes = Vec::new();
        } else {
            self.bytes.extend_from_slice(part);
        }
    }

    /// The whole of it. Neither what is no text is shown, nor what holds a token of the gateway's or one of the credentials.
    pub fn finish(self, credentials: &[HeaderValue]) -> Bodies {
        let is_secret = holds_gateway_token(&self.bytes) || credentials.iter().any(|credential| holds(&self.bytes, credential));
        let text = if is_secret { None } else { String::from_utf8(self.bytes).ok() };
        let Some(text) = text.filter(|text| !text.is_empty()) else { return Bodies::default() };
        Bodies { body_map: if self.map { serde_json::from_str(&text).ok() } else { None }, body: self.text.then_some(text) }
    }
}

/// Whether the credential, without the scheme before it (RFC 9110 §11.4), stands in the body.
fn holds(body: &[u8], credential: &HeaderValue) -> bool {
    let credential = credential.as_bytes().rsplit(|byte| *byte == b' ').next().unwrap_or_default();
    !credential.is_empty() && body.windows(credential.len()).any(|window| window == credential)
}
