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
    Body::Stream(Box::pin(Taken { watched, limit, rest: Bytes::new() }))
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
    /// Of a frame that was larger than a piece.
    rest: Bytes,
}

/// The server asks for more only when all of a frame has left. Of a large one, a client that reads slowly would seem to take nothing.
const PIECE: usize = 16 << 10;

impl Taken {
    /// Cuts a piece off, and keeps the rest.
    fn cut(&mut self, mut data: Bytes) -> Frame<Bytes> {
        self.rest = data.split_off(data.len().min(PIECE));
        Frame::data(data)
    }
}

impl HttpBody for Taken {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let watched = self.watched.clone();
        let mut watched = watched.borrow_mut();
        let Some(inner) = &mut watched.inner else {
            let why = format!("the client took nothing of it for {:?}", self.limit);
            return Poll::Ready(Some(Err(BodyError::Broken(why))));
        };
        if !self.rest.is_empty() {
            watched.idle_since = Some(Instant::now());
            let rest = std::mem::take(&mut self.rest);
            return Poll::Ready(Some(Ok(self.cut(rest))));
        }
        let polled = inner.as_mut().poll_frame(cx);
        watched.idle_since = polled.is_ready().then(Instant::now);
        match polled {
            Poll::Ready(Some(Ok(frame))) => Poll::Ready(Some(Ok(match frame.into_data() {
                Ok(data) => self.cut(data),
                Err(trailers) => trailers,
            }))),
            other => other,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.watched.borrow().inner.as_ref().is_some_and(|inner| inner.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.len() as u64;
        let left = self.watched.borrow().inner.as_ref().map_or_else(SizeHint::default, |inner| inner.size_hint());
        let mut hint = SizeHint::new();
        hint.set_lower(left.lower() + rest);
        if let Some(upper) = left.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use http::{HeaderMap, HeaderValue};
    use http_body_util::{BodyExt, StreamBody};
    use tokio::task::LocalSet;

    use super::*;

    #[tokio::test]
    async fn a_large_frame_leaves_in_pieces() {
        let large: Vec<u8> = (0..3 * PIECE + 5).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let trailers = HeaderMap::from_iter([(http::header::ETAG, HeaderValue::from_static("x"))]);
        let frames =
            [Frame::data(Bytes::from(large.clone())), Frame::data(Bytes::from_static(b"small")), Frame::trailers(trailers.clone())];
        let inner = StreamBody::new(stream::iter(frames.map(Ok::<_, BodyError>)));
        let mut seen = Vec::new();
        let mut last = None;
        LocalSet::new()
            .run_until(async {
                let mut body = watch(Body::Stream(Box::pin(inner)), Duration::from_secs(60));
                while let Some(frame) = body.frame().await {
                    match frame.unwrap().into_data() {
                        Ok(data) => {
                            assert!(data.len() <= PIECE && last.is_none());
                            assert!(!body.is_end_stream());
                            seen.extend_from_slice(&data);
                        }
                        Err(frame) => last = frame.into_trailers().ok(),
                    }
                }
            })
            .await;
        assert_eq!(seen, [large.as_slice(), b"small"].concat());
        assert_eq!(last, Some(trailers));
    }
}
