//! When a place becomes free, by what becomes of the body.

use std::collections::VecDeque;
use std::num::NonZeroU64;
use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use http::HeaderMap;
use http_body_util::BodyExt;

use super::*;
use crate::limit::Places;
use crate::platform::memory::{Memory, NoHttp};
use crate::platform::{Capabilities, LocalBoxFuture, OpaqueBody, Platform, Timestamp};
use crate::testing::{Sevens, test};

struct World {
    memory: Memory,
    platform: Platform,
}

impl World {
    fn new() -> Self {
        let memory = Memory::new(Timestamp(1_000_000_000));
        let platform = memory.platform(Rc::new(NoHttp), Rc::new(Sevens), Capabilities::MEMORY);
        Self { memory, platform }
    }

    /// The only place there is.
    fn enter(&self) -> Option<Permit> {
        let places = Places { limit: NonZeroU64::MIN, lease: Duration::from_secs(100) };
        let series = places.series("a", "b");
        places.enter(&self.platform, &series).now_or_never().unwrap().unwrap()
    }

    fn is_free(&self) -> bool {
        self.memory.tasks.run().now_or_never().unwrap();
        let free = self.enter().is_some();
        self.memory.tasks.run().now_or_never().unwrap();
        free
    }

    fn hold(&self, status: u16, to_head: bool, body: Body) -> Response<Body> {
        let response = Response::builder().status(status).body(body).unwrap();
        hold(response, to_head, self.enter().unwrap())
    }
}

/// Frames, and the length that was declared for them.
struct Frames(VecDeque<Result<Frame<Bytes>, BodyError>>, Option<u64>);

impl http_body::Body for Frames {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = self.0.pop_front();
        if let (Some(Ok(frame)), Some(left)) = (&frame, self.1) {
            self.1 = Some(left - frame.data_ref().map_or(0, |data| data.len() as u64));
        }
        Poll::Ready(frame)
    }

    fn size_hint(&self) -> SizeHint {
        self.1.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

fn data(text: &'static str) -> Result<Frame<Bytes>, BodyError> {
    Ok(Frame::data(Bytes::from_static(text.as_bytes())))
}

fn stream(frames: Vec<Result<Frame<Bytes>, BodyError>>, declared: Option<u64>) -> Body {
    Body::Stream(Box::pin(Frames(frames.into(), declared)))
}

#[test]
fn a_place_is_held_until_the_body_has_ended() {
    let broken = || Err(BodyError::Broken("gone".into()));
    let trailers = || Ok(Frame::trailers(HeaderMap::new()));
    // The frames, the length that was declared, and how many polls it takes.
    for (name, frames, declared, polls) in [
        ("the end is polled", vec![data("a"), data("b")], None, 3),
        ("no frame at all", vec![], None, 1),
        ("as long as declared", vec![data("a"), data("b")], Some(2), 2),
        ("breaks off", vec![data("a"), broken()], None, 2),
        ("breaks off before it is as long as declared", vec![data("a"), broken()], Some(9), 2),
        ("ends with trailers", vec![data("a"), trailers()], None, 3),
    ] {
        let world = World::new();
        let mut body = world.hold(200, false, stream(frames, declared)).into_body();
        for poll in 1..=polls {
            assert!(!world.is_free(), "{name}: before poll {poll}");
            let _ = body.frame().now_or_never().unwrap();
        }
        assert!(world.is_free(), "{name}: at the end");
        let other = world.enter();
        drop(body);
        assert!(other.is_some() && !world.is_free(), "{name}: given back once");
    }
}

#[test]
fn a_place_is_free_when_the_body_is_dropped() {
    let world = World::new();
    let mut body = world.hold(200, false, stream(vec![data("a"), data("b")], None)).into_body();
    let _ = body.frame().now_or_never().unwrap();
    assert!(!world.is_free());
    drop(body);
    assert!(world.is_free());
}

#[test]
fn a_body_that_goes_on_keeps_its_place_from_lease_to_lease() {
    let world = World::new();
    let mut body = world.hold(200, false, stream((0..20).map(|_| data("a")).collect(), None)).into_body();
    for _ in 0..20 {
        world.memory.clock.advance(Duration::from_secs(60));
        let _ = body.frame().now_or_never().unwrap();
        assert!(!world.is_free());
    }
    drop(body);
    assert!(world.is_free());
}

/// A body that a host keeps: one piece.
struct Kept(std::cell::Cell<bool>);

impl OpaqueBody for Kept {
    fn read(&self, _: usize) -> LocalBoxFuture<'_, Result<Bytes, BodyError>> {
        Box::pin(async { Err(BodyError::Broken("read whole".into())) })
    }

    fn next(&self) -> LocalBoxFuture<'_, Result<Option<Bytes>, BodyError>> {
        Box::pin(async { Ok((!self.0.replace(true)).then(|| Bytes::from_static(b"a"))) })
    }

    fn handle(&self) -> u64 {
        7
    }
}

fn kept() -> Body {
    Body::Opaque(Rc::new(Kept(std::cell::Cell::new(false))))
}

#[test]
fn what_a_host_keeps_is_read_to_see_its_end() {
    let world = World::new();
    let mut body = world.hold(200, false, kept()).into_body();
    assert!(matches!(body, Body::Stream(_)) && !world.is_free());
    let piece = body.frame().now_or_never().unwrap().unwrap().unwrap();
    assert_eq!(piece.into_data().unwrap(), "a");
    assert!(!world.is_free());
    assert!(body.frame().now_or_never().unwrap().is_none());
    assert!(world.is_free());
}

#[test]
fn a_response_without_a_body_gives_its_place_back_at_once_and_stays_as_it_is() {
    for (status, to_head) in [(101, false), (204, false), (205, false), (304, false), (200, true)] {
        let world = World::new();
        let response = world.hold(status, to_head, kept());
        assert!(matches!(response.body(), Body::Opaque(_)) && world.is_free(), "{status}");
    }
    for body in [Body::Empty, Body::from(String::from("whole")), stream(vec![], Some(0))] {
        let world = World::new();
        let _response = world.hold(200, false, body);
        assert!(world.is_free());
    }
}
