use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Request;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use postern_core::platform::{Body, BodyError, BoxBody};
use tokio::sync::oneshot;

use super::error::with_sources;

/// Held by the response's body. Dropping it ends the request's body, if that is still being sent.
pub(super) struct Upload(Option<oneshot::Sender<()>>);

impl Upload {
    /// Ties a streamed request body to the returned handle. hyper gives a call up only before its response's head: later, it would
    /// go on to send the request of a call whose response nobody reads.
    pub fn tie(request: &mut Request<Body>) -> Self {
        match std::mem::replace(request.body_mut(), Body::Empty) {
            Body::Stream(stream) => {
                let (sender, tie) = oneshot::channel();
                *request.body_mut() = Body::Stream(Box::pin(Tied { stream, tie: Some(tie) }));
                Self(Some(sender))
            }
            other => {
                *request.body_mut() = other;
                Self(None)
            }
        }
    }

    /// Leaves the body to itself.
    pub fn untie(self) {
        if let Some(sender) = self.0 {
            // Nobody listens when the body has been sent.
            let _ = sender.send(());
        }
    }
}

/// The response's body. It keeps its connection's count of calls right for as long as it is read.
pub(super) fn from_upstream(incoming: Incoming, upload: Upload, call: Option<Rc<()>>) -> Body {
    if incoming.is_end_stream() { Body::Empty } else { Body::Stream(Box::pin(Download { incoming, _upload: upload, _call: call })) }
}

struct Tied {
    stream: BoxBody,
    tie: Option<oneshot::Receiver<()>>,
}

impl HttpBody for Tied {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.tie.as_mut().map(|tie| Pin::new(tie).poll(cx)) {
            Some(Poll::Ready(Err(_))) => return Poll::Ready(Some(Err(BodyError::Broken("nobody reads the response".into())))),
            Some(Poll::Ready(Ok(()))) => self.tie = None,
            Some(Poll::Pending) | None => {}
        }
        self.stream.as_mut().poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.stream.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.stream.size_hint()
    }
}

struct Download {
    incoming: Incoming,
    _upload: Upload,
    _call: Option<Rc<()>>,
}

impl HttpBody for Download {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = Pin::new(&mut self.incoming).poll_frame(cx);
        frame.map(|frame| frame.map(|frame| frame.map_err(|error| BodyError::Broken(with_sources(&error)))))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
