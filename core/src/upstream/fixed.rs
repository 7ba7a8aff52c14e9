use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Response, StatusCode};

use crate::check::{at_most, base64, each, exactly_one, header};
use crate::platform::Body;
use crate::problem::Problems;
use crate::resource::service::{InlineBody, KeyValue};

/// An answer that is the same each time, as operators write it.
#[derive(Debug, Clone)]
pub struct FixedAnswer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// Bytes of a body as text, and of one in base64 when it is decoded.
const MAX_INLINE: usize = 50_000;
const MAX_INLINE_BYTES: usize = 35_000;

const MAX_HEADERS: usize = 256;

impl FixedAnswer {
    /// A body without a content type among the headers gets `application/json` if it is JSON, else `text/plain; charset=utf-8`.
    pub fn new(status: StatusCode, mut headers: HeaderMap, body: Bytes) -> Self {
        // Answers of these statuses have no content (RFC 9110 §15.3.5, §15.3.6, §15.4.5), and some hosts throw when they get one.
        if matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED) {
            headers.remove(CONTENT_TYPE);
            return Self { status, headers, body: Bytes::new() };
        }
        if !body.is_empty() {
            headers.entry(CONTENT_TYPE).or_insert_with(|| sniff(&body));
        }
        Self { status, headers, body }
    }

    pub fn response(&self) -> Response<Body> {
        let mut response = Response::new(if self.body.is_empty() { Body::Empty } else { Body::from(self.body.clone()) });
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }
}

/// `statusCode`: 200 to 599.
pub fn compile_status(source: Option<u16>, default: StatusCode, problems: &mut Problems) -> Option<StatusCode> {
    let Some(code) = source else { return Some(default) };
    let status = StatusCode::from_u16(code).ok().filter(|_| (200..=599).contains(&code));
    if status.is_none() {
        problems.at("statusCode", |p| p.error("a status is 200 to 599"));
    }
    status
}

/// `body`, of which there is exactly one form.
pub fn compile_body(source: &InlineBody, problems: &mut Problems) -> Option<Bytes> {
    exactly_one(problems, &[("inline", source.inline.is_some()), ("inlineBytes", source.inline_bytes.is_some())]);
    let inline = source.inline.as_ref().map(|text| {
        at_most(problems, "inline", text.len(), MAX_INLINE, "bytes");
        Bytes::copy_from_slice(text.as_bytes())
    });
    let decoded = source.inline_bytes.as_ref().map(|text| {
        let bytes = problems.at("inlineBytes", |problems| base64(text, problems))?;
        at_most(problems, "inlineBytes", bytes.len(), MAX_INLINE_BYTES, "bytes");
        Some(Bytes::from(bytes))
    });
    match (inline, decoded) {
        (Some(body), None) | (None, Some(Some(body))) => Some(body),
        _ => None,
    }
}

/// `headers`: a name that is there more than once gives as many lines.
pub fn compile_headers(source: &[KeyValue], problems: &mut Problems) -> HeaderMap {
    at_most(problems, "headers", source.len(), MAX_HEADERS, "headers");
    let mut headers = HeaderMap::new();
    each(problems, "headers", source, |problems, pair| {
        let name = problems.at("key", |problems| header::settable(&pair.key, problems));
        let value = problems.at("value", |problems| header::value(&pair.value, problems));
        if let (Some(name), Some(value)) = (name, value) {
            headers.append(name, value);
        }
    });
    headers
}

/// The content type of a body that says none: JSON, or text.
pub fn sniff(body: &[u8]) -> HeaderValue {
    let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok();
    HeaderValue::from_static(if is_json { "application/json" } else { "text/plain; charset=utf-8" })
}
