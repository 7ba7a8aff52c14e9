//! Responses that are under way until their last byte. Their frames are handed on untouched, one by one.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http_body::{Frame, SizeHint};

use crate::limit::Permit;
use crate::platform::{Body, BodyError, BoxBody, has_no_body, is_complete};

/// Keeps the place until the body has ended, broke off, or was dropped. A response without a body gives it back at once, and is left
/// as it is: the body of a 101 is a connection, which a host may have to hand on as its own.
pub fn hold(response: Response<Body>, to_head: bool, permit: Permit) -> Response<Body> {
    if to_head || has_no_body(response.status()) {
        return response;
    }
    response.map(|body| match body.streamed() {
        Body::Stream(inner) if !is_complete(&inner) => Body::Stream(Box::pin(HoldingBody { inner, permit: Some(permit) })),
        other => other,
    })
}

struct HoldingBody {
    inner: BoxBody,
    /// Taken away at the end, which may come long before a server drops the body.
    permit: Option<Permit>,
}

impl http_body::Body for HoldingBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let polled = self.inner.as_mut().poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(_))) if !is_complete(&self.inner) => self.permit.iter().for_each(Permit::renew),
            Poll::Ready(_) => self.permit = None,
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

#[cfg(test)]
mod tests;
