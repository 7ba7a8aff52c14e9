//! Bodies that come in: the client's, and the upstream's. They stay streams, trailers included.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, HeaderValue, TRANSFER_ENCODING};
use http::{HeaderMap, Method};
use http_body::{Frame, SizeHint};
use postern_core::platform::{Body, BodyError};
use spin_sdk::http::{IncomingMessage, Request};
use spin_sdk::wasip3::http_compat::IncomingBody;

/// The client's request as the core takes it.
pub fn incoming(request: Request) -> http::Request<Body> {
    let (parts, body) = request.into_parts();
    let body = if has_no_body(&parts.method, &parts.headers) { Body::Empty } else { stream(body, &parts.headers) };
    http::Request::from_parts(parts, body)
}

/// A stream whose length is known if its sender has declared it.
pub fn stream<T: IncomingMessage + 'static>(body: IncomingBody<T>, headers: &HeaderMap) -> Body {
    match headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok()) {
        Some(0) => Body::Empty,
        left => Body::Stream(Box::pin(Incoming { body, left })),
    }
}

/// Says how long a body is where that is known: Spin would send it in chunks otherwise.
pub fn declare_length(headers: &mut HeaderMap, body: &Body) {
    if let Some(length) = body.known_length() {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
}

/// Spin gives every request a body stream, and one of unknown length would go upstream as an empty chunked body. Without a
/// declared length an HTTP/1.1 request has none (RFC 9112 §6.3). HTTP/2 declares nothing and rarely has `Host`; methods that
/// usually carry content get the benefit of the doubt.
fn has_no_body(method: &Method, headers: &HeaderMap) -> bool {
    let is_undeclared = !headers.contains_key(CONTENT_LENGTH) && !headers.contains_key(TRANSFER_ENCODING);
    is_undeclared && headers.contains_key(HOST) && !matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

struct Incoming<T: IncomingMessage> {
    body: IncomingBody<T>,
    /// Bytes that are still to come, where that is known.
    left: Option<u64>,
}

impl<T: IncomingMessage> http_body::Body for Incoming<T> {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if let (Poll::Ready(Some(Ok(frame))), Some(left)) = (&polled, &mut self.left) {
            *left = left.saturating_sub(frame.data_ref().map_or(0, |data| data.len() as u64));
        }
        polled.map_err(|error| BodyError::Broken(error.to_string()))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
