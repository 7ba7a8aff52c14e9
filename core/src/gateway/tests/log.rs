//! The access log, on every outcome.

use std::cell::Cell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::FutureExt;
use http::{Request, Version};
use http_body::{Body as _, Frame, SizeHint};
use serde_json::{Value, json};

use super::fixture::{Fixture, PROVIDER_KEY, SilentUpstream, read, response, upstream};
use crate::gateway::{Client, Incoming};
use crate::platform::{Body, BodyError, LocalBoxFuture, OpaqueBody, Platform};
use crate::testing::test;

/// Chunks, and perhaps a break.
#[derive(Clone)]
struct Chunks {
    left: VecDeque<Result<&'static str, BodyError>>,
    /// The length was declared; the end still comes by itself.
    sized: bool,
}

impl Chunks {
    fn body(chunks: &[Result<&'static str, BodyError>]) -> Body {
        Body::Stream(Box::pin(Self { left: chunks.iter().cloned().collect(), sized: false }))
    }

    fn sized(chunks: &[&'static str]) -> Body {
        Body::Stream(Box::pin(Self { left: chunks.iter().map(|chunk| Ok(*chunk)).collect(), sized: true }))
    }
}

impl http_body::Body for Chunks {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let next = self.left.pop_front();
        Poll::Ready(next.map(|chunk| chunk.map(|text| Frame::data(Bytes::from_static(text.as_bytes())))))
    }

    fn size_hint(&self) -> SizeHint {
        let left = self.left.iter().flatten().map(|chunk| chunk.len() as u64).sum();
        if self.sized { SizeHint::with_exact(left) } else { SizeHint::default() }
    }
}

#[test]
fn who_did_what_by_which_rule() {
    let fixture = Fixture::with_config(upstream(json!({})));
    fixture.send(
        "POST",
        "http://api.localhost/chat?key=canary",
        &[("referer", "https://a.example/?key=canary"), ("user-agent", "sdk/1")],
        "{}",
    );
    let log = fixture.log();
    assert!(!log.to_string().contains("canary"), "{log}");
    let common = &log["entry"]["common"];
    assert_eq!((&common["status"], &common["reason"]["type"]), (&json!("ALLOWED"), &json!("POLICY_MATCH")));
    assert_eq!(common["reason"]["details"]["policyMatch"]["policy"]["policyRef"]["name"], "allow-all");
    assert_eq!((&common["userRef"]["name"], &common["serviceRef"]["name"]), (&json!("alice"), &json!("api.default")));
    assert_eq!(common["regionRef"]["name"], "eu");
    let request = &log["entry"]["info"]["http"]["request"];
    assert_eq!(
        (&request["path"], &request["userAgent"], &request["clientAddress"]),
        (&json!("/chat"), &json!("sdk/1"), &json!("192.0.2.7"))
    );
    assert!(!log.to_string().contains(&fixture.token));
}

#[test]
fn a_stream_is_logged_when_it_ends() {
    let fixture = Fixture::with_config(upstream(json!({})));
    fixture
        .upstream
        .answers(|| Ok(response(200, &[("content-type", "text/event-stream")], Chunks::body(&[Ok("data: 1\n\n"), Ok("data: 2\n\n")]))));
    let stream = || {
        let bearer = format!("Bearer {}", fixture.token);
        fixture.handle("GET", "http://api.localhost/", &[("authorization", &bearer)], Body::Empty)
    };
    let response_of_log = || fixture.log()["entry"]["info"]["http"]["response"].clone();

    let open = stream();
    assert_eq!(fixture.log_entries(), 0, "while it lasts");
    assert_eq!(read(open).body, "data: 1\n\ndata: 2\n\n");
    assert_eq!(response_of_log(), json!({"code": 200, "bodyBytes": 18, "contentType": "text/event-stream"}));

    drop(stream());
    assert_eq!(response_of_log(), json!({"code": 200, "contentType": "text/event-stream", "incomplete": true}), "the caller left");

    fixture.upstream.answers(|| Ok(response(200, &[], Chunks::body(&[Ok("ab"), Err(BodyError::Broken("cut".to_owned()))]))));
    let (_, body) = stream().into_parts();
    assert!(body.buffer(100).now_or_never().unwrap().is_err());
    assert_eq!(response_of_log(), json!({"code": 200, "bodyBytes": 2, "incomplete": true}), "the upstream broke off");
    assert_eq!(fixture.log_entries(), 3);
}

#[test]
fn no_token_is_logged_wherever_a_caller_puts_it() {
    let fixture = Fixture::with_config(upstream(json!({"visibility": {"includeAllRequestHeaders": true}})));
    let token = fixture.token.as_str();
    let headers = [("user-agent", token), ("referer", token), ("x-note", token), ("x-kept", "kept"), ("origin", "https://a.example")];
    fixture.send("GET", &format!("http://api.localhost/a/{token}/b?x={token}"), &headers, "");
    let log = fixture.log();
    assert!(!log.to_string().contains(token), "{log}");
    let request = &log["entry"]["info"]["http"]["request"];
    assert_eq!((&request["path"], &request["origin"]), (&json!("/a/(token)/b"), &json!("https://a.example")));
    assert_eq!(request["headers"]["x-kept"], "kept");
}

#[test]
fn what_cannot_be_understood_is_logged_with_its_sender() {
    let fixture = Fixture::with_config(upstream(json!({})));
    fixture.send("PUT", "http://api.localhost/%zz", &[], "");
    let request = fixture.log()["entry"]["info"]["http"]["request"].clone();
    assert_eq!((&request["method"], &request["clientAddress"]), (&json!("PUT"), &json!("192.0.2.7")));
}

#[test]
fn what_was_declared_and_sent_is_complete() {
    let fixture = Fixture::with_config(upstream(json!({})));
    fixture.upstream.answers(|| Ok(response(200, &[("content-length", "4")], Chunks::sized(&["ab", "cd"]))));
    for (frames, incomplete) in [(1, true), (2, false)] {
        let bearer = format!("Bearer {}", fixture.token);
        let mut body = fixture.handle("GET", "http://api.localhost/", &[("authorization", &bearer)], Body::Empty).into_body();
        for _ in 0..frames {
            let frame = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).now_or_never().unwrap();
            assert!(frame.is_some_and(|frame| frame.is_ok()));
        }
        drop(body);
        let logged = &fixture.log()["entry"]["info"]["http"]["response"];
        assert_eq!((logged["bodyBytes"].as_u64(), logged["incomplete"] == true), (Some(2 * frames), incomplete));
    }
}

#[test]
fn a_caller_that_leaves_early_is_logged() {
    let fixture = Fixture::with_config(upstream(json!({})));
    let platform = Platform { http: std::rc::Rc::new(SilentUpstream), ..fixture.platform() };
    let request = Request::get("http://api.localhost/").header("x-postern-auth", &fixture.token).body(Body::Empty).unwrap();
    let mut answer =
        Box::pin(fixture.gateway.handle(&platform, Incoming { request, client: Client { ip: None, version: Version::HTTP_2 } }));
    assert!(answer.as_mut().now_or_never().is_none());
    drop(answer);
    let entry = &fixture.log()["entry"];
    assert_eq!((&entry["common"]["status"], &entry["info"]["http"]["response"]["code"]), (&json!("ALLOWED"), &json!(499)));
}

/// What the log shows of a response's body, with everything switched on.
fn shown(fixture: &Fixture) -> Value {
    let response = fixture.log()["entry"]["info"]["http"]["response"].clone();
    json!([response["body"], response["bodyMap"]])
}

fn visible() -> Fixture {
    Fixture::with_config(upstream(json!({"visibility": {"enableResponseBody": true, "enableResponseBodyMap": true}})))
}

#[test]
fn a_response_is_shown_where_it_may_be() {
    let hidden = json!([null, null]);
    let key = format!("{{\"key\":\"{PROVIDER_KEY}\"}}");
    let token = visible().token;
    let table: [(&[(&str, &str)], &[&str], Value); 8] = [
        (&[], &["{\"a\":", "1}"], json!(["{\"a\":1}", {"a": 1}])),
        (&[("content-encoding", "identity")], &["text"], json!(["text", null])),
        (&[], &["[1]"], json!(["[1]", null])),
        (&[], &[key.as_str()], hidden.clone()),
        (&[], &[token.as_str()], hidden.clone()),
        (&[("content-encoding", "gzip")], &["text"], hidden.clone()),
        (&[("content-type", "text/event-stream; charset=utf-8")], &["data: 1\n\n"], hidden.clone()),
        (&[("content-length", "40000")], &["short"], hidden.clone()),
    ];
    for (headers, chunks, expected) in table {
        let fixture = visible();
        let headers: Vec<(String, String)> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let all: Vec<String> = chunks.iter().map(|chunk| (*chunk).to_owned()).collect();
        let sent = all.concat();
        fixture.upstream.answers(move || {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            Ok(response(200, &headers, Body::from(all.concat())))
        });
        assert_eq!(fixture.get("http://api.localhost/").body, sent);
        assert_eq!(shown(&fixture), expected, "{chunks:?}");
    }
}

#[test]
fn a_streamed_response_is_shown_when_it_is_complete() {
    let fixture = visible();
    fixture.upstream.answers(|| Ok(response(200, &[], Chunks::body(&[Ok("{\"a\":"), Ok("1}")]))));
    fixture.get("http://api.localhost/");
    assert_eq!(shown(&fixture), json!(["{\"a\":1}", {"a": 1}]));
    fixture.upstream.answers(|| Ok(response(200, &[], Chunks::body(&[Ok("{}"), Err(BodyError::Broken("cut".to_owned()))]))));
    let bearer = format!("Bearer {}", fixture.token);
    let (_, body) = fixture.handle("GET", "http://api.localhost/", &[("authorization", &bearer)], Body::Empty).into_parts();
    assert!(body.buffer(100).now_or_never().unwrap().is_err());
    assert_eq!(shown(&fixture), json!([null, null]));
}

/// A body that the host keeps, which tells how often it was read.
struct Kept(Rc<Cell<u32>>);

impl OpaqueBody for Kept {
    fn read(&self, _: usize) -> LocalBoxFuture<'_, Result<Bytes, BodyError>> {
        self.0.set(self.0.get() + 1);
        Box::pin(async { Ok(Bytes::from_static(b"{}")) })
    }

    fn next(&self) -> LocalBoxFuture<'_, Result<Option<Bytes>, BodyError>> {
        unreachable!("nothing asks for pieces")
    }

    fn handle(&self) -> u64 {
        1
    }
}

#[test]
fn a_body_that_the_host_keeps_is_read_only_to_be_shown() {
    for (fixture, headers, reads) in [
        (visible(), &[("content-length", "2")][..], 1),
        (visible(), &[], 0),
        (Fixture::with_config(upstream(json!({}))), &[("content-length", "2")], 0),
    ] {
        let count = Rc::new(Cell::new(0));
        let counter = count.clone();
        fixture.upstream.answers(move || Ok(response(200, headers, Body::Opaque(Rc::new(Kept(counter.clone()))))));
        let bearer = format!("Bearer {}", fixture.token);
        let answer = fixture.handle("GET", "http://api.localhost/", &[("authorization", &bearer)], Body::Empty);
        assert!(matches!(answer.body(), Body::Opaque(_)));
        assert_eq!((count.get(), shown(&fixture)[0] == "{}"), (reads, reads == 1), "{headers:?}");
    }
}
