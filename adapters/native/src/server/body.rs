use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use postern_core::platform::{Body, BodyError};
use tokio::time::{Instant, Sleep, sleep};

/// How long a request's body may stand still. It counts until the response begins: from then on a client may well wait for what it
/// reads before it says more.
#[derive(Clone)]
pub(super) struct Pace {
    limit: Duration,
    answered: Rc<Cell<bool>>,
}

impl Pace {
    pub fn new(limit: Duration) -> Self {
        Self { limit, answered: Rc::default() }
    }

    pub fn answered(&self) {
        self.answered.set(true);
    }
}

/// The client's body, trailers included.
pub(super) fn from_client(incoming: Incoming, pace: &Pace) -> Body {
    if incoming.is_end_stream() {
        return Body::Empty;
    }
    Body::Stream(Box::pin(Upload { incoming, pace: pace.clone(), patience: None, waiting: false }))
}

struct Upload {
    incoming: Incoming,
    pace: Pace,
    /// Made when the body first stands still.
    patience: Option<Pin<Box<Sleep>>>,
    waiting: bool,
}

impl Upload {
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let limit = self.pace.limit;
        let patience = self.patience.get_or_insert_with(|| Box::pin(sleep(limit)));
        if !std::mem::replace(&mut self.waiting, true) {
            patience.as_mut().reset(Instant::now() + limit);
        }
        patience.as_mut().poll(cx)
    }
}

impl HttpBody for Upload {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.incoming).poll_frame(cx) {
            self.waiting = false;
            return Poll::Ready(frame.map(|frame| frame.map_err(|error| BodyError::Broken(error.to_string()))));
        }
        if self.pace.answered.get() {
            return Poll::Pending;
        }
        ready!(self.poll_patience(cx));
        if self.pace.answered.get() {
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(BodyError::Broken(format!("nothing of it came for {} s", self.pace.limit.as_secs())))))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
