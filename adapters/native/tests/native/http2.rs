//! HTTP/2 with prior knowledge, with requests that no client library would send: frames are written by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use postern_core::gateway::Gateway;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::fixture::{Host, Upstream, bytes, raw, soon};
use crate::gateway::snapshot;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
// RFC 9113 §6.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// How `:status` begins a block where it is 200 or 400 (RFC 7541 Appendix A).
const STATUS_200: u8 = 0x88;
const STATUS_400: u8 = 0x8c;

/// What a request on stream 1 came to.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// The first byte of the response's header block.
    Answered(u8),
    /// The stream was reset or the connection closed.
    Refused,
}

pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Literal fields that are never indexed, without Huffman coding (RFC 7541 §6.2.3).
fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    fields.iter().flat_map(|(name, value)| [&[0x10][..], &text(name), &text(value)].concat()).collect()
}

/// Type, stream and payload of the next frame, or nothing when the connection has ended.
pub async fn read_frame(stream: &mut TcpStream) -> Option<(u8, u32, Vec<u8>)> {
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.ok()?;
    let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
    stream.read_exact(&mut payload).await.ok()?;
    Some((head[3], u32::from_be_bytes([head[5], head[6], head[7], head[8]]), payload))
}

/// A connection whose preface is sent.
pub async fn connect(host: &Host) -> TcpStream {
    let mut stream = TcpStream::connect(host.address).await.unwrap();
    // Small frames do not wait for one another.
    stream.set_nodelay(true).unwrap();
    stream.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).await.unwrap();
    stream
}

/// A whole request without a body.
pub fn request(stream: u32, fields: &[(&str, &str)]) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, stream, &block(fields))
}

async fn exchange(host: &Host, frames: &[u8]) -> Outcome {
    let mut stream = connect(host).await;
    // The host may close before it has read all of it.
    let _ = stream.write_all(frames).await;
    soon("an outcome", async {
        loop {
            let Some((kind, stream_id, payload)) = read_frame(&mut stream).await else {
                return Outcome::Refused;
            };
            match (kind, stream_id) {
                (HEADERS, 1) => return Outcome::Answered(payload[0]),
                (RST_STREAM, 1) | (GOAWAY, _) => return Outcome::Refused,
                _ => {}
            }
        }
    })
    .await
}

/// Counts the requests that it answers.
async fn counting() -> (Upstream, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let upstream = Upstream::start(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        async { bytes("ok") }
    })
    .await;
    (upstream, count)
}

pub const METHOD: (&str, &str) = (":method", "GET");
pub const SCHEME: (&str, &str) = (":scheme", "http");
pub const AUTHORITY: (&str, &str) = (":authority", "svc.localhost");
const PATH: (&str, &str) = (":path", "/a");

#[tokio::test]
async fn tricks_with_pseudo_headers_and_lines_reach_nobody() {
    let (upstream, received) = counting().await;
    let host = Host::serving::<Gateway>(&snapshot(&upstream.url()), |_| {}).unwrap();
    let good = [METHOD, SCHEME, AUTHORITY, PATH];
    let with = |more: &[(&'static str, &'static str)]| [&good, more].concat();
    assert_eq!(exchange(&host, &request(1, &good)).await, Outcome::Answered(STATUS_200));
    assert_eq!(exchange(&host, &request(1, &with(&[("host", "svc.localhost")]))).await, Outcome::Answered(STATUS_200));
    assert_eq!(received.load(Ordering::SeqCst), 2);
    for fields in [
        // RFC 9113 §8.3: each once, all of them, before all others, and none that is of no request.
        with(&[PATH]),
        with(&[(":path", "/b")]),
        with(&[(":authority", "other.localhost")]),
        with(&[(":method", "POST")]),
        with(&[("x-a", "b"), (":path", "/b")]),
        with(&[(":status", "200")]),
        with(&[(":unknown", "a")]),
        with(&[(":protocol", "websocket")]),
        vec![("x-a", "b"), METHOD, SCHEME, AUTHORITY, PATH],
        vec![METHOD, SCHEME, AUTHORITY],
        vec![METHOD, AUTHORITY, PATH],
        vec![SCHEME, AUTHORITY, PATH],
        vec![METHOD, SCHEME, PATH],
        vec![METHOD, SCHEME, AUTHORITY, (":path", "")],
        vec![METHOD, SCHEME, AUTHORITY, (":path", "a")],
        vec![METHOD, SCHEME, AUTHORITY, (":path", "/a HTTP/1.1\r\nx-a: b")],
        vec![METHOD, SCHEME, AUTHORITY, (":path", "/a\0")],
        vec![(":method", "GET / HTTP/1.1\r\nx-a: b"), SCHEME, AUTHORITY, PATH],
        vec![METHOD, (":scheme", "http://other.localhost/"), AUTHORITY, PATH],
        vec![METHOD, SCHEME, (":authority", "user@svc.localhost"), PATH],
        vec![METHOD, SCHEME, (":authority", "svc.localhost/b?"), PATH],
        vec![METHOD, SCHEME, (":authority", "svc.localhost\r\nx-a: b"), PATH],
        // RFC 9113 §8.3.1: one host.
        with(&[("host", "other.localhost")]),
        with(&[("host", "svc.localhost"), ("host", "svc.localhost")]),
        // RFC 9113 §8.2: lower case, no line breaks, and nothing that is about a connection.
        with(&[("X-A", "b")]),
        with(&[("x a", "b")]),
        with(&[("x-a\r\nx-b", "c")]),
        with(&[("x-a", "b\r\nx-c: d")]),
        with(&[("x-a", "b\0")]),
        with(&[("connection", "close")]),
        with(&[("upgrade", "websocket")]),
        with(&[("transfer-encoding", "chunked")]),
        with(&[("te", "gzip")]),
        // No body, and a length of one.
        with(&[("content-length", "5")]),
        with(&[("content-length", "0"), ("content-length", "5")]),
    ] {
        let outcome = exchange(&host, &request(1, &fields)).await;
        assert!(matches!(outcome, Outcome::Refused | Outcome::Answered(STATUS_400)), "{fields:?}: {outcome:?}");
        assert_eq!(received.load(Ordering::SeqCst), 2, "{fields:?}");
    }
}

#[tokio::test]
async fn a_length_that_lies_smuggles_nothing() {
    let (upstream, received) = counting().await;
    let host = Host::serving::<Gateway>(&snapshot(&upstream.url()), |_| {}).unwrap();
    let fields = [(":method", "POST"), SCHEME, AUTHORITY, PATH, ("content-length", "1")];
    let head = frame(HEADERS, END_HEADERS, 1, &block(&fields));
    let more = [head.as_slice(), &frame(DATA, END_STREAM, 1, b"aGET /b HTTP/1.1\r\n\r\n")].concat();
    let outcome = exchange(&host, &more).await;
    assert_ne!(outcome, Outcome::Answered(STATUS_200));
    let good = [METHOD, SCHEME, AUTHORITY, PATH];
    assert_eq!(exchange(&host, &request(1, &good)).await, Outcome::Answered(STATUS_200));
    assert_eq!(received.load(Ordering::SeqCst), 1);
}

/// CVE-2024-27316: header blocks that never end.
#[tokio::test]
async fn a_flood_of_continuations_is_cut() {
    let host = Host::serving::<Gateway>(&snapshot("http://127.0.0.1:9"), |_| {}).unwrap();
    let field = block(&[("x-a", &"b".repeat(100))]).repeat(100);
    let mut frames = frame(HEADERS, END_STREAM, 1, &block(&[METHOD, SCHEME, AUTHORITY, PATH]));
    (0..1000).for_each(|_| frames.extend(frame(CONTINUATION, 0, 1, &field)));
    assert_eq!(exchange(&host, &frames).await, Outcome::Refused);
}

/// The upgrade that RFC 7540 had, and RFC 9113 §3.1 has no more.
#[tokio::test]
async fn http_2_is_spoken_from_the_first_byte_or_never() {
    let (upstream, received) = counting().await;
    let host = Host::serving::<Gateway>(&snapshot(&upstream.url()), |_| {}).unwrap();
    let ask = "GET /a HTTP/1.1\r\nhost: svc.localhost\r\nconnection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n";
    let smuggled = [ask.as_bytes(), PREFACE, &frame(SETTINGS, 0, 0, &[])].concat();
    let answer = raw(host.address, &smuggled).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(!answer.contains(" 101 ") && answer.matches("HTTP/1.1 200").count() == 1, "{answer}");
    assert_eq!(received.load(Ordering::SeqCst), 1);
}
