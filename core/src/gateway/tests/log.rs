//! The access log, on every outcome.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::Frame;
use serde_json::json;

use super::fixture::{Fixture, read, response, upstream};
use crate::platform::{Body, BodyError};
use crate::testing::test;

/// Chunks, and perhaps a break.
#[derive(Clone)]
struct Chunks(VecDeque<Result<&'static str, BodyError>>);

impl Chunks {
    fn body(chunks: &[Result<&'static str, BodyError>]) -> Body {
        Body::Stream(Box::pin(Self(chunks.iter().cloned().collect())))
    }
}

impl http_body::Body for Chunks {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let next = self.0.pop_front();
        Poll::Ready(next.map(|chunk| chunk.map(|text| Frame::data(Bytes::from_static(text.as_bytes())))))
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
    assert!(futures::FutureExt::now_or_never(body.buffer(100)).unwrap().is_err());
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
