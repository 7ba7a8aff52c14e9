//! Clients that are too big or too slow.

use std::time::Duration;

use bytes::Bytes;
use futures::channel::mpsc;
use futures::{SinkExt, StreamExt};
use http::{Request, Response};
use http_body::Frame;
use http_body_util::BodyExt;
use postern_native::Options;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::fixture::{Body, Client, Gone, Host, Upstream, bytes, channel, raw, soon};

fn impatient(options: &mut Options) {
    options.limits.head_timeout = Duration::from_millis(200);
    options.limits.body_timeout = Duration::from_millis(200);
    options.limits.write_timeout = Duration::from_millis(200);
}

#[tokio::test]
async fn a_head_that_is_too_big_is_431() {
    let upstream = Upstream::start(|_| async { bytes("") }).await;
    let host = Host::start(&upstream.url());
    let head = |lines: &str| format!("GET / HTTP/1.1\r\nhost: a.test\r\nconnection: close\r\n{lines}\r\n");
    for (lines, status) in [
        (format!("x: {}\r\n", "y".repeat(60 << 10)), "200"),
        (format!("x: {}\r\n", "y".repeat(65 << 10)), "431"),
        ("x: y\r\n".repeat(98), "200"),
        ("x: y\r\n".repeat(99), "431"),
    ] {
        let answer = raw(host.address, head(&lines).as_bytes()).await;
        assert_eq!(answer.split(' ').nth(1), Some(status), "{}", lines.len());
    }
    let mut client = Client::connect(host.address, true).await;
    let request = Request::get("http://a.test/").header("x", "y".repeat(65 << 10)).body(Body::empty()).unwrap();
    match client.call(request).await {
        Ok(response) => assert_eq!(response.status(), 431),
        // hyper's client knows the host's limit and may not send such a head at all.
        Err(error) => assert!(error.is_user(), "{error}"),
    }
    assert_eq!(upstream.connections(), 1);
}

#[tokio::test]
async fn a_client_that_does_not_finish_its_head_is_closed() {
    let host = Host::with("http://127.0.0.1:9", impatient).unwrap();
    for sent in ["", "P", "PRI * HTTP/2.0\r\n", "GET / HTTP/1.1\r\nhost:"] {
        // It returns only because the host closes.
        let answer = raw(host.address, sent.as_bytes()).await;
        assert!(answer.is_empty() || answer.contains(" 408 ") || answer.contains(" 400 "), "{sent}: {answer}");
    }
}

#[tokio::test]
async fn a_request_body_that_stands_still_ends_before_the_answer_but_not_after_it() {
    let upstream = Upstream::start(|request: Request<hyper::body::Incoming>| async move {
        if request.uri().path() == "/early" {
            return Response::new(request.into_body().map_err(std::io::Error::other).boxed_unsync());
        }
        let complete = request.into_body().collect().await.is_ok();
        bytes(format!("{complete}"))
    })
    .await;
    let host = Host::with(&upstream.url(), impatient).unwrap();
    let head = |path: &str| format!("POST {path} HTTP/1.1\r\nhost: a.test\r\ncontent-length: 4\r\nconnection: close\r\n\r\nab");
    let answer = raw(host.address, head("/late").as_bytes()).await;
    assert_eq!(answer.split(' ').nth(1), Some("502"), "{answer}");

    let mut stream = TcpStream::connect(host.address).await.unwrap();
    stream.write_all(head("/early").as_bytes()).await.unwrap();
    let mut begun = [0; 12];
    soon("the head", stream.read_exact(&mut begun)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(600)).await;
    stream.write_all(b"cd").await.unwrap();
    let mut rest = String::new();
    soon("the end", stream.read_to_string(&mut rest)).await.unwrap();
    assert!(rest.contains("cd"), "{rest}");
}

/// More than the sockets between keep.
const ENDLESS: usize = 64 << 20;

/// Sends for as long as somebody takes it, and tells of each call when it is given up.
async fn endless() -> (Upstream, mpsc::UnboundedReceiver<mpsc::Receiver<()>>) {
    let (sender, calls) = mpsc::unbounded();
    let upstream = Upstream::start(move |_| {
        let (mark, receiver) = Gone::pair();
        sender.unbounded_send(receiver).unwrap();
        let (mut frames, reply) = channel();
        tokio::spawn(async move {
            let _mark = mark;
            while frames.send(Some(Frame::data(Bytes::from(vec![b'x'; 64 << 10])))).await.is_ok() {}
        });
        async { reply }
    })
    .await;
    (upstream, calls)
}

#[tokio::test]
async fn a_stream_that_its_client_does_not_read_is_given_up() {
    let (upstream, mut calls) = endless().await;
    let host = Host::with(&upstream.url(), impatient).unwrap();
    let mut client = Client::connect(host.address, true).await;
    let response = client.call(Request::get("http://a.test/").body(Body::empty()).unwrap()).await.unwrap();
    let mut call = soon("the call", calls.next()).await.unwrap();
    assert!(soon("the end of the call", call.next()).await.is_some());
    assert!(soon("the end", response.into_body().collect()).await.is_err());
    // The connection is still good for others.
    let next = soon("another answer", client.call(Request::get("http://a.test/").body(Body::empty()).unwrap())).await.unwrap();
    assert_eq!(next.status(), 200);
}

#[tokio::test]
async fn a_client_that_does_not_read_is_closed_and_its_call_is_given_up() {
    let (upstream, mut calls) = endless().await;
    let host = Host::with(&upstream.url(), impatient).unwrap();
    let mut stream = TcpStream::connect(host.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: a.test\r\n\r\n").await.unwrap();
    let mut call = soon("the call", calls.next()).await.unwrap();
    // It ends only because the host gives the call up.
    assert!(soon("the end of the call", call.next()).await.is_some());
    let mut left = Vec::new();
    // What was on its way arrives, and no end.
    let ended = soon("the end", stream.take(ENDLESS as u64).read_to_end(&mut left)).await;
    assert!(ended.is_err() || !left.ends_with(b"0\r\n\r\n"));
    assert!(left.len() < ENDLESS, "{}", left.len());
}

#[tokio::test]
async fn a_client_that_reads_slowly_gets_everything() {
    let upstream = Upstream::start(|_| async { bytes("x".repeat(8 << 20)) }).await;
    let host = Host::with(&upstream.url(), impatient).unwrap();
    let mut stream = TcpStream::connect(host.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: a.test\r\nconnection: close\r\n\r\n").await.unwrap();
    let (mut piece, mut total) = (vec![0; 1 << 20], 0);
    loop {
        tokio::time::sleep(Duration::from_millis(50)).await;
        match soon("a piece", stream.read(&mut piece)).await.unwrap() {
            0 => break,
            read => total += read,
        }
    }
    assert!(total > 8 << 20, "{total}");
}

#[tokio::test]
async fn an_upstream_that_does_not_answer_in_time_is_given_up() {
    let upstream = Upstream::start(|_| std::future::pending()).await;
    let host = Host::start(&upstream.url());
    let answer = raw(host.address, b"GET / HTTP/1.1\r\nhost: a.test\r\nx-timeout: 1\r\nconnection: close\r\n\r\n").await;
    assert_eq!(answer.split(' ').nth(1), Some("504"), "{answer}");
}

#[tokio::test]
async fn a_response_that_is_read_whole_has_bounds() {
    let upstream = Upstream::start(|request: Request<hyper::body::Incoming>| async move {
        match request.uri().path() {
            "/endless" => {
                let (sender, reply) = channel();
                std::mem::forget(sender);
                reply
            }
            _ => bytes("0123456789"),
        }
    })
    .await;
    let host = Host::start(&upstream.url());
    for (path, limit, status, text) in
        [("/", 10, "200", "0123456789"), ("/", 9, "502", "more than 9 bytes"), ("/endless", 9, "504", "in time")]
    {
        let head = format!("GET {path} HTTP/1.1\r\nhost: a.test\r\nx-timeout: 1\r\nx-whole: {limit}\r\nconnection: close\r\n\r\n");
        let answer = raw(host.address, head.as_bytes()).await;
        assert_eq!(answer.split(' ').nth(1), Some(status), "{path} {limit} {answer}");
        assert!(answer.contains(text), "{answer}");
    }
}
