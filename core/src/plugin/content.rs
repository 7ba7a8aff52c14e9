//! What responses have for a body, as far as plugins care.

use http::header::{ACCEPT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};

/// A stream that goes on as long as both sides like: to wait for its end would be to withhold it.
pub fn is_endless(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    ["text/event-stream", "application/grpc", "multipart/x-mixed-replace"].iter().any(|endless| media_type.starts_with(endless))
}

/// For a plugin that will read the response's body: what is compressed is not the text that it expects.
pub fn ask_for_plain_body(headers: &mut HeaderMap) {
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
}
