//! Responses that nobody takes over HTTP/2, where a client may keep its connection alive and its window shut. Nothing polls a body then,
//! so that no limit of the body's own can pass.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use postern_core::platform::{Body, BodyError, BoxBody};
use tokio::time::{Instant, sleep_until};

/// Drops a streamed body, and the call to the upstream with it, when nobody has asked for more of it for so long.
pub(super) fn watch(body: Body, limit: Duration) -> Body {
    let Body::Stream(inner) = body else { return body };
    let watched = Rc::new(RefCell::new(Watched { inner: Some(inner), idle_since: Some(Instant::now()) }));
    tokio::task::spawn_local(guard(Rc::downgrade(&watched), limit));
    Body::Stream(Box::pin(Taken { watched, limit }))
}

struct Watched {
    /// Nothing once it was dropped.
    inner: Option<BoxBody>,
    /// When something of it was handed over last; nothing while more is waited for.
    idle_since: Option<Instant>,
}

async fn guard(watched: Weak<RefCell<Watched>>, limit: Duration) {
    let mut wake = Instant::now() + limit;
    loop {
        sleep_until(wake).await;
        let Some(watched) = watched.upgrade() else { return };
        let over = watched.borrow().idle_since.map(|since| since + limit);
        match over {
            Some(over) if over <= Instant::now() => {
                let inner = watched.borrow_mut().inner.take();
                drop(inner);
                return;
            }
            Some(over) => wake = over,
            None => wake = Instant::now() + limit,
        }
    }
}

struct Taken {
    watched: Rc<RefCell<Watched>>,
    limit: Duration,
}

impl HttpBody for Taken {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let mut watched = self.watched.borrow_mut();
        let Some(inner) = &mut watched.inner else {
            let why = format!("the client took nothing of it for {:?}", self.limit);
            return Poll::Ready(Some(Err(BodyError::Broken(why))));
        };
        let polled = inner.as_mut().poll_frame(cx);
        watched.idle_since = polled.is_ready().then(Instant::now);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.watched.borrow().inner.as_ref().is_some_and(|inner| inner.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.watched.borrow().inner.as_ref().map_or_else(SizeHint::default, |inner| inner.size_hint())
    }
}
