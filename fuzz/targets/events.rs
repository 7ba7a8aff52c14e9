//! Streams of events: whatever the pieces, a reader sees the events that were sent, and where some are missing an error after them.

#![no_main]

use std::rc::Rc;

use bytes::{Bytes, BytesMut};
use futures::executor::block_on;
use futures::stream;
use http::{HeaderMap, HeaderValue, Response};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use postern_core::error::{ErrorKind, Shape, last_event};
use postern_core::events::{BrokeOff, Protocol, end_in_error};
use postern_core::platform::{Body, BodyError, LocalBoxFuture, OpaqueBody};
use postern_fuzz::pieces;
use postern_fuzz::sse::{Reading, read};

/// More than is held of one event.
const LONG: usize = 64 * 1024 + 1;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // Whose they are, how they end, and whether one is long; the lengths of the pieces, over and over; a full stop; the events.
    let end = data.iter().position(|byte| *byte == b'.').unwrap_or(data.len());
    let (Some((first, lengths)), events) = (data[..end].split_first(), data.get(end + 1..).unwrap_or_default()) else { return };
    let stream = Stream { protocol: protocol(*first), shape: shape(*first), end: ending(*first) };
    let in_pieces = stream.pass(pieces(lengths, events));
    stream.check(events, &in_pieces);
    assert_eq!(in_pieces, stream.pass(vec![Bytes::copy_from_slice(events)]), "the pieces do not matter");
    stream.check_unseen(events);
    if let Some(long) = with_a_long_event(events).filter(|_| *first & 0x80 != 0) {
        stream.check_long(&long, &stream.pass(pieces(lengths, &long)));
    }
});

#[derive(Clone, Copy)]
struct Stream {
    protocol: Option<Protocol>,
    shape: Shape,
    end: Ending,
}

#[derive(Clone, Copy, PartialEq)]
enum Ending {
    Clean,
    Trailers,
    Broken,
}

fn protocol(byte: u8) -> Option<Protocol> {
    [None, Some(Protocol::OpenAi), Some(Protocol::Anthropic), Some(Protocol::Gemini)][usize::from(byte & 3)]
}

fn ending(byte: u8) -> Ending {
    [Ending::Clean, Ending::Broken, Ending::Trailers, Ending::Broken][usize::from(byte >> 2 & 3)]
}

fn shape(byte: u8) -> Shape {
    [Shape::OpenAi, Shape::Anthropic, Shape::Google, Shape::Empty][usize::from(byte >> 4 & 3)]
}

/// What a caller gets.
#[derive(Debug, PartialEq)]
struct Passed {
    bytes: Bytes,
    trailers: Option<HeaderMap>,
    failed: Option<BodyError>,
    /// The log tells that it ended too early.
    is_told: bool,
}

impl Stream {
    fn pass(self, pieces: Vec<Bytes>) -> Passed {
        let mut frames: Vec<_> = pieces.into_iter().map(|piece| Ok(Frame::data(piece))).collect();
        match self.end {
            Ending::Clean => {}
            Ending::Trailers => frames.push(Ok(Frame::trailers(trailers()))),
            Ending::Broken => frames.push(Err(BodyError::Broken("it broke off".to_owned()))),
        }
        let broke_off = BrokeOff::default();
        let body = self.mended(Body::Stream(Box::pin(StreamBody::new(stream::iter(frames)))), broke_off.clone());
        let (bytes, trailers, failed) = collect(body);
        Passed { bytes, trailers, failed, is_told: broke_off.take().is_some() }
    }

    fn mended(self, body: Body, broke_off: BrokeOff) -> Body {
        let mut response = Response::new(body);
        response.headers_mut().insert("content-type", HeaderValue::from_static("text/event-stream; charset=utf-8"));
        end_in_error(response, self.shape, self.protocol, broke_off).into_body()
    }

    fn check(self, events: &[u8], passed: &Passed) {
        let sent = read(events);
        let lacks_its_end = self.end == Ending::Broken || self.is_open(&sent);
        assert_eq!(passed.is_told, lacks_its_end, "the log of {}", events.escape_ascii());
        assert_eq!(passed.trailers, (self.end == Ending::Trailers).then(trailers));
        assert_eq!(passed.failed, None, "whoever sees whole events is told by one");
        if !lacks_its_end {
            assert_eq!(passed.bytes, events, "what is complete passes as it is");
            return;
        }
        let expected = [&events[..sent.complete], &self.error()].concat();
        assert_eq!(passed.bytes.escape_ascii().to_string(), expected.escape_ascii().to_string());
        // What a reader makes of it.
        let [mut whole, error] = [events, &self.error()].map(|text| read(text).events);
        assert_eq!(error.len(), 1);
        whole.extend(error);
        assert_eq!(read(&passed.bytes).events, whole, "of {}", events.escape_ascii());
    }

    /// One event that is too long to hold passes in part. Nothing is said in the middle of it.
    fn check_long(self, events: &[u8], passed: &Passed) {
        let sent = read(events);
        match (self.end, &passed.failed) {
            (Ending::Broken, Some(_)) => assert!(events.starts_with(&passed.bytes)),
            (Ending::Broken, None) => assert_eq!(passed.bytes, [&events[..sent.complete], &self.error()].concat()),
            (Ending::Clean | Ending::Trailers, failed) => {
                assert_eq!(*failed, None);
                let is_mended = passed.is_told && passed.bytes == [&events[..sent.complete], &self.error()].concat();
                assert!(is_mended || passed.bytes == events);
            }
        }
        assert!(passed.is_told || self.end != Ending::Broken);
    }

    /// A host that keeps the body adds the error to whatever has passed.
    fn check_unseen(self, events: &[u8]) {
        let Body::Opaque(body) = self.mended(Body::Opaque(Rc::new(Kept)), BrokeOff::default()) else { unreachable!("the host keeps it") };
        let words = body.last_words();
        assert_eq!(words.is_some(), self.protocol.is_some());
        let Some(words) = words else { return };
        let mut expected = read(&[events, b"\n\n"].concat()).events;
        expected.extend(read(&self.error()).events);
        assert_eq!(read(&[events, &words].concat()).events, expected, "of {}", events.escape_ascii());
    }

    fn error(self) -> Bytes {
        last_event(self.shape, ErrorKind::UpstreamBroken)
    }

    /// Whether an answer of a provider's has begun and not ended. An event without its blank line ends one only where it lacks nothing else.
    fn is_open(self, sent: &Reading) -> bool {
        let Some(protocol) = self.protocol else { return false };
        let (mut begun, mut ended) = (false, false);
        let rest = sent.rest.iter().map(|field| (field, sent.rest_is_whole()));
        for ((name, value), may_end) in sent.fields.iter().map(|field| (field, true)).chain(rest) {
            let value = value.trim_ascii();
            let holds = |text: &str| value.windows(text.len()).any(|window| window == text.as_bytes());
            let (begins, ends) = match (protocol, name.as_slice()) {
                (Protocol::OpenAi, b"event") => (
                    value == b"response.created",
                    [&b"response.completed"[..], b"response.incomplete", b"response.failed", b"error"].contains(&value),
                ),
                (Protocol::OpenAi, b"data") => (
                    holds("\"chat.completion.chunk\""),
                    value.starts_with(b"[DONE]") || value.starts_with(b"{\"error\"") || is_set(value, "\"finish_reason\":"),
                ),
                (Protocol::Anthropic, b"event") => (value == b"message_start", value == b"message_stop" || value == b"error"),
                (Protocol::Gemini, b"data") => (
                    holds("\"candidates\""),
                    value.starts_with(b"[DONE]") || value.starts_with(b"{\"error\"") || is_set(value, "\"finishReason\""),
                ),
                _ => (false, false),
            };
            begun |= begins;
            ended |= ends && may_end;
        }
        begun && !ended
    }
}

/// Whether something other than null follows one of these.
fn is_set(value: &[u8], name: &str) -> bool {
    let places = (0..value.len()).filter(|at| value[*at..].starts_with(name.as_bytes()));
    let mut rests = places.map(|at| value[at + name.len()..].trim_ascii_start());
    rests.any(|rest| !rest.is_empty() && !rest.starts_with(b"null") && !b"null".starts_with(rest))
}

/// The first NUL, which means nothing in events, stands for more than is held.
fn with_a_long_event(events: &[u8]) -> Option<Vec<u8>> {
    let at = events.iter().position(|byte| *byte == 0)?;
    Some([&events[..at], &[b'x'; LONG], &events[at + 1..]].concat())
}

fn trailers() -> HeaderMap {
    HeaderMap::from_iter([(http::HeaderName::from_static("x-usage"), HeaderValue::from_static("7"))])
}

fn collect(mut body: Body) -> (Bytes, Option<HeaderMap>, Option<BodyError>) {
    let (mut all, mut trailers) = (BytesMut::new(), None);
    while let Some(frame) = block_on(body.frame()) {
        let frame = match frame {
            Ok(frame) => frame,
            Err(error) => return (all.freeze(), trailers, Some(error)),
        };
        assert_eq!(trailers, None, "trailers are the last");
        match frame.into_data() {
            Ok(data) => all.extend_from_slice(&data),
            Err(frame) => trailers = frame.into_trailers().ok(),
        }
    }
    (all.freeze(), trailers, None)
}

struct Kept;

impl OpaqueBody for Kept {
    fn read(&self, _: usize) -> LocalBoxFuture<'_, Result<Bytes, BodyError>> {
        Box::pin(async { Ok(Bytes::new()) })
    }

    fn next(&self) -> LocalBoxFuture<'_, Result<Option<Bytes>, BodyError>> {
        Box::pin(async { Ok(None) })
    }

    fn handle(&self) -> u64 {
        0
    }
}
