use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Frame, SizeHint};

use super::BrokeOff;
use super::boundary::Boundary;
use super::marker::{Marker, Protocol};
use crate::error::{ErrorKind, GatewayError, Shape, last_event};
use crate::platform::{BodyError, BoxBody};

/// Of an event that has begun. One that is longer passes in pieces.
const MAX_HELD: usize = 64 * 1024;

/// A stream of events that hands on whole events, as they are: a reader has no use for a part of one, and nothing can be said to it
/// in the middle.
pub struct Guarded {
    inner: BoxBody,
    boundary: Boundary,
    marker: Option<Marker>,
    /// The event that is under way.
    held: BytesMut,
    /// A part of it has passed already.
    in_event: bool,
    /// What comes before anything else is asked of the upstream.
    queue: VecDeque<Frame<Bytes>>,
    ended: bool,
    shape: Shape,
    broke_off: BrokeOff,
}

impl Guarded {
    pub fn new(inner: BoxBody, shape: Shape, protocol: Option<Protocol>, broke_off: BrokeOff) -> Self {
        Self {
            inner,
            boundary: Boundary::default(),
            marker: protocol.map(Marker::new),
            held: BytesMut::new(),
            in_event: false,
            queue: VecDeque::new(),
            ended: false,
            shape,
            broke_off,
        }
    }

    /// What of the next piece can be handed on, with what was held before it.
    fn pass(&mut self, mut piece: Bytes) -> Option<Bytes> {
        let complete = self.boundary.complete(&piece);
        if complete == 0 && self.held.len() + piece.len() <= MAX_HELD {
            self.held.extend_from_slice(&piece);
            return None;
        }
        self.in_event = complete == 0;
        let rest = if self.in_event { Bytes::new() } else { piece.split_off(complete) };
        let passed = if self.held.is_empty() {
            piece
        } else {
            self.held.extend_from_slice(&piece);
            self.held.split().freeze()
        };
        self.held.extend_from_slice(&rest);
        if let Some(marker) = &mut self.marker {
            marker.see(&passed);
        }
        Some(passed)
    }

    /// The stream has ended as HTTP has it. What follows the last event has no end of its own, but some readers take it.
    fn finish(&mut self) {
        self.ended = true;
        let rest = self.held.split().freeze();
        if let Some(marker) = &mut self.marker {
            marker.see_rest(&rest);
        }
        let is_open = self.marker.as_ref().is_some_and(Marker::is_open);
        if is_open {
            let why = "the stream ended without the event that ends an answer";
            self.broke_off.replace(Some(GatewayError::new(ErrorKind::UpstreamBroken, why)));
        }
        match is_open {
            true if !self.in_event => self.queue.push_back(Frame::data(last_event(self.shape, ErrorKind::UpstreamBroken))),
            _ if !rest.is_empty() => self.queue.push_back(Frame::data(rest)),
            _ => {}
        }
    }

    /// The stream has broken off. A reader that has a part of an event could not tell another one from the rest of it.
    fn fail(&mut self, error: BodyError) -> Option<Result<Frame<Bytes>, BodyError>> {
        self.ended = true;
        let kind = error.of_upstream();
        self.broke_off.replace(Some(GatewayError::new(kind, error.to_string())));
        Some(if self.in_event { Err(error) } else { Ok(Frame::data(last_event(self.shape, kind))) })
    }
}

impl http_body::Body for Guarded {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            if let Some(frame) = self.queue.pop_front() {
                return Poll::Ready(Some(Ok(frame)));
            }
            if self.ended {
                return Poll::Ready(None);
            }
            match ready!(self.inner.as_mut().poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(piece) => {
                        if let Some(passed) = self.pass(piece) {
                            return Poll::Ready(Some(Ok(Frame::data(passed))));
                        }
                    }
                    Err(trailers) => {
                        self.finish();
                        self.queue.push_back(trailers);
                    }
                },
                Some(Err(error)) => return Poll::Ready(self.fail(error)),
                None => self.finish(),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ended && self.queue.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
