use futures::FutureExt;

use super::*;
use crate::testing::test;

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect()
}

fn run(body: &[u8], pairs: &[(&'static str, &str)], needs: &BodyNeeds) -> Result<Option<Value>, u16> {
    let body = Body::from(Bytes::copy_from_slice(body));
    let read = read(body, &headers(pairs), needs, &BodyBudget::new(1000)).now_or_never().unwrap();
    read.map(|(_, read)| read.map).map_err(|error| error.kind.status().as_u16())
}

fn model() -> BodyNeeds {
    BodyNeeds { map: Some(Projection::path(["model"])), limit: 100, ..BodyNeeds::default() }
}

#[test]
fn what_becomes_of_a_body() {
    let json = ("content-type", "application/json; charset=utf-8");
    let text = ("content-type", "text/plain");
    let gzip = ("content-encoding", "gzip");
    let authorization = BodyNeeds { authorization: true, ..model() };
    let authorization_by_text = BodyNeeds { authorization: true, text: true, limit: 100, ..BodyNeeds::default() };
    let by_text = BodyNeeds { text: true, limit: 100, ..BodyNeeds::default() };
    let nothing = BodyNeeds { map: Some(Projection::default()), limit: 100, ..BodyNeeds::default() };
    let good = r#"{"model":"a","x":1}"#;
    let projected = || Ok(Some(serde_json::json!({"model": "a"})));
    let long = format!("{{\"model\":\"{}\"}}", "a".repeat(100));
    let table: [(&[u8], &[(&'static str, &str)], &BodyNeeds, Result<Option<Value>, u16>); 27] = [
        (good.as_bytes(), &[json], &model(), projected()),
        (good.as_bytes(), &[], &model(), projected()),
        (good.as_bytes(), &[("content-type", "")], &model(), projected()),
        (good.as_bytes(), &[text], &model(), Ok(None)),
        (good.as_bytes(), &[text, json], &model(), projected()),
        (good.as_bytes(), &[("content-type", "text/plain, application/json")], &model(), projected()),
        (good.as_bytes(), &[("content-type", "application/json, text/plain")], &model(), projected()),
        (good.as_bytes(), &[text], &authorization, projected()),
        (good.as_bytes(), &[("content-type", "application/json; charset=\"UTF-8\"")], &authorization, projected()),
        (good.as_bytes(), &[("content-type", "application/json; charset=utf-7")], &authorization, Err(400)),
        (b"plain", &[text], &model(), Ok(None)),
        (b"plain", &[text], &authorization, Err(400)),
        (b"plain", &[json], &model(), Err(400)),
        (b"", &[json], &authorization, Ok(None)),
        (br#"{"model":"a","model":"b"}"#, &[json], &model(), Err(400)),
        (b"[1]", &[json], &nothing, Err(400)),
        (b"[1]", &[text], &nothing, Ok(None)),
        (long.as_bytes(), &[json], &model(), Err(413)),
        (good.as_bytes(), &[json, gzip], &model(), Err(400)),
        (good.as_bytes(), &[json, ("content-encoding", "identity"), gzip], &model(), Err(400)),
        (good.as_bytes(), &[json, ("content-encoding", "identity")], &model(), projected()),
        (b"not read", &[json], &BodyNeeds { limit: 1, ..BodyNeeds::default() }, Ok(None)),
        (b"plain", &[text], &authorization_by_text, Ok(None)),
        (b"\xff", &[text], &authorization_by_text, Err(400)),
        (b"\xff", &[text], &by_text, Ok(None)),
        (b"plain", &[text, gzip], &authorization_by_text, Err(400)),
        (b"plain", &[("content-type", "text/plain; charset=utf-16")], &authorization_by_text, Err(400)),
    ];
    for (body, pairs, needs, expected) in table {
        assert_eq!(run(body, pairs, needs), expected, "{} {pairs:?}", String::from_utf8_lossy(body));
    }
}

#[test]
fn the_budget_is_given_back() {
    let budget = BodyBudget::new(10);
    let first = budget.hold(6).unwrap();
    assert!(budget.hold(6).is_none());
    drop(first);
    assert!(budget.hold(6).is_some());
    assert!(budget.hold(usize::MAX).is_none());
}

#[test]
fn a_full_instance_answers_503() {
    let budget = BodyBudget::new(10);
    let others = budget.hold(5).unwrap();
    let send = |body: Body| read(body, &HeaderMap::new(), &model(), &budget).now_or_never().unwrap();
    for body in [Body::from(r#"{"a":1}"#.to_owned()), stream(&[r#"{"a"#, r#"":1}"#])] {
        assert_eq!(send(body).unwrap_err().kind.status().as_u16(), 503);
    }
    drop(others);
    let (_, first) = send(stream(&[r#"{"a"#, r#"":1}"#])).unwrap();
    assert_eq!(send(stream(&[r#"{"a":1}"#])).unwrap_err().kind.status().as_u16(), 503);
    drop(first);
    assert!(send(stream(&[r#"{"a":1}"#])).is_ok());
    assert_eq!(send(stream(&[r#"{"abcdefgh":1}"#])).unwrap_err().kind.status().as_u16(), 413, "more than there ever will be");
}

#[test]
fn announcing_much_keeps_nobody_out() {
    let (budget, needs) = (BodyBudget::new(100), model());
    let large = headers(&[("content-length", "100")]);
    let mut slow = Box::pin(read(Body::Stream(Box::pin(Silent)), &large, &needs, &budget));
    assert!(slow.as_mut().now_or_never().is_none());
    let (_, other) = read(stream(&["{}"]), &HeaderMap::new(), &model(), &budget).now_or_never().unwrap().unwrap();
    assert_eq!(other.bytes.as_deref(), Some(b"{}".as_slice()));
}

/// A stream of these frames.
fn stream(frames: &[&str]) -> Body {
    let frames: Vec<_> = frames.iter().map(|text| Ok(http_body::Frame::data(Bytes::copy_from_slice(text.as_bytes())))).collect();
    Body::Stream(Box::pin(http_body_util::StreamBody::new(futures::stream::iter(frames))))
}

/// A body that never sends anything.
struct Silent;

impl http_body::Body for Silent {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, BodyError>>> {
        std::task::Poll::Pending
    }
}

#[test]
fn json_may_be_required() {
    let require = |body: &str, content_type: &str| {
        let needs = BodyNeeds { map: Some(Projection::default()), limit: 100, ..BodyNeeds::default() };
        let headers = headers(&[("content-type", content_type)]);
        let (_, read) = read(Body::from(body.to_owned()), &headers, &needs, &BodyBudget::new(1000)).now_or_never().unwrap().unwrap();
        read.require_json().is_ok()
    };
    assert!(require("{}", "application/json"));
    assert!(require("", "text/plain"));
    assert!(!require("{}", "text/plain"));
}

#[test]
fn a_length_that_is_asked_for_cannot_be_hidden() {
    let needs = BodyNeeds { size: true, limit: 100, ..BodyNeeds::default() };
    let ask = |headers: &HeaderMap| {
        let chunks = http_body_util::StreamBody::new(futures::stream::iter([Ok(http_body::Frame::data(Bytes::from_static(b"four")))]));
        let (_, read) = read(Body::Stream(Box::pin(chunks)), headers, &needs, &BodyBudget::new(1000)).now_or_never().unwrap().unwrap();
        read.bytes.map(|bytes| bytes.len())
    };
    assert_eq!(ask(&HeaderMap::new()), Some(4));
    assert_eq!(ask(&headers(&[("content-length", "4")])), None, "it is told already");
}
