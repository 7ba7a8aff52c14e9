//! Server-sent events on their way to a caller. A stream that ends before it is complete tells so by a last event, in the words of
//! the caller's SDK: SDKs take the end of a response for the end of the answer, and hand a part of it on as the whole.

mod boundary;
mod guarded;
mod marker;
mod unseen;

use std::cell::RefCell;
use std::rc::Rc;

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Response};
use http_body::Body as _;

use crate::error::{GatewayError, Shape};
use crate::platform::{Body, has_no_body};
use guarded::Guarded;
pub use marker::Protocol;
use unseen::Unseen;

/// Why a stream ended before it was complete; nothing while it has not.
pub type BrokeOff = Rc<RefCell<Option<GatewayError>>>;

/// Makes a stream of events that breaks off end in an error of this shape. `protocol` tells what else is incomplete: a stream whose
/// end is in order, but which lacks the event that ends an answer.
///
/// A host that keeps the body on its side is told what to say where an answer in a `protocol` breaks off: it neither sees events nor
/// that one is missing. It pays for that with a pipe, and other readers of events begin anew by themselves (HTML Living Standard §9.2.3).
/// Untouched are bodies that are encoded, and that tell their length, as a caller can count.
pub fn end_in_error(response: Response<Body>, shape: Shape, protocol: Option<Protocol>, broke_off: BrokeOff) -> Response<Body> {
    if !can_be_mended(response.headers()) {
        return response;
    }
    response.map(|body| match body {
        Body::Stream(inner) if !inner.is_end_stream() => Body::Stream(Box::pin(Guarded::new(inner, shape, protocol, broke_off))),
        Body::Opaque(inner) if protocol.is_some() => Body::Opaque(Rc::new(Unseen::new(inner, shape))),
        other => other,
    })
}

/// For a response to anything but HEAD whose pieces will be seen in any case: takes its events from the host, so that their end can
/// be mended as well.
pub fn streamed(response: Response<Body>) -> Response<Body> {
    let is_mended = can_be_mended(response.headers()) && !has_no_body(response.status());
    if is_mended { response.map(Body::streamed) } else { response }
}

/// Whether a content type is that of server-sent events.
pub fn is_event_stream(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("text/event-stream")
}

fn can_be_mended(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_plain = text(CONTENT_ENCODING).is_empty() || text(CONTENT_ENCODING).eq_ignore_ascii_case("identity");
    is_event_stream(text(CONTENT_TYPE)) && is_plain && !headers.contains_key(CONTENT_LENGTH)
}
