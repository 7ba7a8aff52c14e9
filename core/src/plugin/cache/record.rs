//! A body that is kept as it passes. Its frames are handed on untouched, one by one.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::{Frame, SizeHint};

use crate::body::Held;
use crate::platform::{Body, BodyError, BoxBody, is_complete};

/// What is done with the bytes.
pub struct Recording {
    /// Bytes of a body that is kept.
    pub most: usize,
    /// How many there must be.
    pub declared: Option<usize>,
    /// What the bytes count for meanwhile.
    pub held: Held,
    /// Takes them when all of them were there.
    pub keep: Box<dyn FnOnce(Bytes)>,
}

/// The same body. One that breaks off, that nobody reads to its end or that has trailers is not kept.
pub fn record(inner: BoxBody, recording: Recording) -> Body {
    let mut body = RecordedBody { inner, recording: Some(recording), frames: Vec::new(), total: 0 };
    body.end_if_complete();
    Body::Stream(Box::pin(body))
}

struct RecordedBody {
    inner: BoxBody,
    /// `None` when it has ended, or is not to be kept after all.
    recording: Option<Recording>,
    frames: Vec<Bytes>,
    total: usize,
}

impl RecordedBody {
    fn add(&mut self, data: &Bytes) {
        let Some(recording) = &mut self.recording else { return };
        self.total = self.total.saturating_add(data.len());
        if self.total > recording.most || !recording.held.resize(self.total) {
            return self.give_up();
        }
        self.frames.push(data.clone());
    }

    /// A server that has sent as many bytes as were declared asks no more, so the end need not be heard of.
    fn end_if_complete(&mut self) {
        if is_complete(&self.inner) {
            self.end();
        }
    }

    fn end(&mut self) {
        let Some(recording) = self.recording.take() else { return };
        let frames = std::mem::take(&mut self.frames);
        if recording.declared.is_none_or(|length| length == self.total) {
            let mut whole = BytesMut::with_capacity(self.total);
            frames.iter().for_each(|frame| whole.extend_from_slice(frame));
            (recording.keep)(whole.freeze());
        }
    }

    fn give_up(&mut self) {
        self.recording = None;
        self.frames = Vec::new();
    }
}

impl http_body::Body for RecordedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let polled = self.inner.as_mut().poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                match frame.data_ref() {
                    Some(data) => self.add(data),
                    None => self.give_up(),
                }
                self.end_if_complete();
            }
            Poll::Ready(Some(Err(_))) => self.give_up(),
            Poll::Ready(None) => self.end(),
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
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use futures::FutureExt;
    use http::HeaderMap;
    use http_body_util::{BodyExt, StreamBody};

    use super::*;
    use crate::body::BodyBudget;
    use crate::testing::test;

    type Frames = Vec<Result<Frame<Bytes>, BodyError>>;

    /// What is kept of a body that somebody reads so many frames of.
    fn kept(frames: Frames, most: usize, declared: Option<usize>, budget: usize, read: usize) -> Option<String> {
        let kept = Rc::new(RefCell::new(None));
        let into = kept.clone();
        let recording = Recording {
            most,
            declared,
            held: BodyBudget::new(budget).hold(0).unwrap(),
            keep: Box::new(move |bytes| *into.borrow_mut() = Some(String::from_utf8_lossy(&bytes).into_owned())),
        };
        let mut body = record(Box::pin(StreamBody::new(futures::stream::iter(frames))), recording);
        for _ in 0..read {
            let _ = body.frame().now_or_never().unwrap();
        }
        drop(body);
        kept.take()
    }

    fn data(texts: &[&'static str]) -> Frames {
        texts.iter().map(|text| Ok(Frame::data(Bytes::from_static(text.as_bytes())))).collect()
    }

    #[test]
    fn only_whole_bodies_are_kept() {
        let whole = Some("abcd".to_owned());
        assert_eq!(kept(data(&["ab", "cd"]), 4, None, 100, 3), whole);
        assert_eq!(kept(data(&["ab", "cd"]), 4, Some(4), 100, 3), whole);
        assert_eq!(kept(data(&["ab", "cd"]), 4, None, 100, 2), None, "nobody heard of its end");
        assert_eq!(kept(data(&["ab", "cd"]), 3, None, 100, 3), None, "it is too large");
        assert_eq!(kept(data(&["ab", "cd"]), 4, Some(5), 100, 3), None, "something is missing");
        assert_eq!(kept(data(&["ab", "cd"]), 4, None, 3, 3), None, "there is no room for it");
        assert_eq!(kept(data(&[]), 4, None, 100, 1), Some(String::new()));
        let mut broken = data(&["ab"]);
        broken.push(Err(BodyError::Broken("gone".into())));
        assert_eq!(kept(broken, 4, None, 100, 3), None);
        let mut with_trailers = data(&["ab"]);
        with_trailers.push(Ok(Frame::trailers(HeaderMap::new())));
        assert_eq!(kept(with_trailers, 4, None, 100, 3), None);
    }
}
