use futures::FutureExt;

use super::*;
use crate::testing::test;

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect()
}

fn run(body: &str, pairs: &[(&'static str, &str)], needs: &BodyNeeds) -> Result<Option<Value>, u16> {
    let body = Body::from(body.to_owned());
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
    let authorization = BodyNeeds { authorization: true, ..model() };
    let nothing = BodyNeeds { map: Some(Projection::default()), limit: 100, ..BodyNeeds::default() };
    let good = r#"{"model":"a","x":1}"#;
    let projected = serde_json::json!({"model": "a"});
    let long = format!("{{\"model\":\"{}\"}}", "a".repeat(100));
    let table: [(&str, &[(&'static str, &str)], &BodyNeeds, Result<Option<Value>, u16>); 14] = [
        (good, &[json], &model(), Ok(Some(projected.clone()))),
        (good, &[], &model(), Ok(Some(projected.clone()))),
        (good, &[text], &model(), Ok(None)),
        (good, &[text], &authorization, Ok(Some(projected.clone()))),
        ("plain", &[text], &model(), Ok(None)),
        ("plain", &[text], &authorization, Err(400)),
        ("plain", &[json], &model(), Err(400)),
        ("", &[json], &authorization, Ok(None)),
        (r#"{"model":"a","model":"b"}"#, &[json], &model(), Err(400)),
        ("[1]", &[json], &nothing, Err(400)),
        ("[1]", &[text], &nothing, Ok(None)),
        (&long, &[json], &model(), Err(413)),
        (good, &[json, ("content-encoding", "gzip")], &model(), Err(400)),
        ("not read", &[json], &BodyNeeds { limit: 1, ..BodyNeeds::default() }, Ok(None)),
    ];
    for (body, pairs, needs, expected) in table {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (*name, *value)).collect();
        let pairs: Vec<(&'static str, &str)> =
            pairs.iter().map(|(name, value)| (if *name == "content-type" { "content-type" } else { "content-encoding" }, *value)).collect();
        assert_eq!(run(body, &pairs, needs), expected, "{body} {pairs:?}");
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
