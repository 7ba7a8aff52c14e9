use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};

use super::entry::Bodies;
use super::visibility::{MAX_LOGGED_BODY, Visibility};
use crate::auth::holds_gateway_token;
use crate::events::is_event_stream;
use crate::json::{self, Projection};
use crate::secret::SecretValue;

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

    /// The whole of it. Neither what is no text is shown, nor what holds a token of the gateway's or the credential.
    pub fn finish(self, credential: &[SecretValue]) -> Bodies {
        let is_secret = holds_gateway_token(&self.bytes) || credential.iter().any(|secret| holds(&self.bytes, secret.expose()));
        let text = if is_secret { None } else { String::from_utf8(self.bytes).ok() };
        let Some(text) = text.filter(|text| !text.is_empty()) else { return Bodies::default() };
        Bodies {
            body_map: if self.map { json::read(text.as_bytes(), &Projection::whole()).ok() } else { None },
            body: self.text.then_some(text),
        }
    }
}

/// One that is shorter than that is found by chance.
const SHORTEST_SECRET: usize = 8;

fn holds(body: &[u8], secret: &[u8]) -> bool {
    secret.len() >= SHORTEST_SECRET && body.windows(secret.len()).any(|window| window == secret)
}
