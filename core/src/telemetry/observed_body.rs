//! Bodies that are counted as they pass. Their frames are handed on untouched, one by one.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http::header::CONTENT_LENGTH;
use http_body::{Frame, SizeHint};

use super::{MAX_LOGGED_BODY, PendingEntry};
use crate::error::GatewayError;
use crate::platform::{Body, BodyError, BoxBody, is_complete};

/// Ties the entry to the body: it is written when the body has ended, or was dropped before its end. A body that the host keeps
/// on its side cannot be seen; its entry is written at once, without a count.
pub fn observe(body: Body, mut entry: PendingEntry) -> Body {
    match body {
        Body::Stream(inner) if !inner.is_end_stream() => Body::Stream(Box::pin(ObservedBody { inner, entry: Some(entry), total: 0 })),
        Body::Opaque(_) => body,
        other => {
            if let Some(length) = other.known_length() {
                entry.progress(length, false);
            }
            if let Body::Bytes(bytes) = &other {
                entry.show(bytes);
            }
            other
        }
    }
}

/// Reads a body that the host keeps on its side, if the log may hold it. Nothing else would see it.
///
/// # Errors
/// The upstream broke off.
pub async fn show_held(response: Response<Body>, entry: &mut PendingEntry) -> Result<Response<Body>, BodyError> {
    let (head, mut body) = response.into_parts();
    // One that is longer than it may be is lost when it is read, so its length has to be known.
    if matches!(body, Body::Opaque(_)) && entry.shows_body() && head.headers.contains_key(CONTENT_LENGTH) {
        let (bytes, again) = body.buffer(MAX_LOGGED_BODY).await?;
        entry.show(&bytes);
        body = again;
    }
    Ok(Response::from_parts(head, body))
}

struct ObservedBody {
    inner: BoxBody,
    entry: Option<PendingEntry>,
    total: u64,
}

impl http_body::Body for ObservedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let polled = self.inner.as_mut().poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                let first = self.total == 0;
                self.total += frame.data_ref().map_or(0, |data| data.len() as u64);
                let total = self.total;
                if let Some(entry) = &mut self.entry {
                    entry.progress(total, first);
                    entry.show(frame.data_ref().map(Bytes::as_ref).unwrap_or_default());
                }
                if is_complete(&self.inner) {
                    self.entry = None;
                }
            }
            // Dropping the entry writes it; a body that broke off is incomplete.
            Poll::Ready(Some(Err(error))) => {
                if let Some(mut entry) = self.entry.take() {
                    entry.broken(&GatewayError::new(error.of_upstream(), error.to_string()));
                }
            }
            Poll::Ready(None) => self.entry = None,
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for ObservedBody {
    fn drop(&mut self) {
        if let Some(entry) = &mut self.entry {
            entry.incomplete(!is_complete(&self.inner));
        }
    }
}

/// Counts bytes into a cell that somebody else reads.
pub struct CountedBody {
    inner: BoxBody,
    total: Rc<Cell<u64>>,
}

impl CountedBody {
    /// Only a stream is counted: the length of other bodies is known.
    pub fn wrap(body: Body, total: Rc<Cell<u64>>) -> Body {
        match body {
            Body::Stream(inner) => Body::Stream(Box::pin(Self { inner, total })),
            other => other,
        }
    }
}

impl http_body::Body for CountedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let polled = self.inner.as_mut().poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            self.total.set(self.total.get() + frame.data_ref().map_or(0, |data| data.len() as u64));
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
