//! A request that fails is sent again, as far as the configuration says.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use http::{Request, Response, Version};
use serde_json::{Value, json};

use super::fixture::{Fixture, PROVIDER_KEY, response, upstream};
use crate::gateway::{Client, Incoming};
use crate::platform::{Body, Clock, HttpError, LocalBoxFuture, Platform, Timestamp};
use crate::testing::test;

fn retrying(retry: Value) -> Fixture {
    Fixture::with_config(upstream(json!({ "retry": retry })))
}

type Outcome = Result<Response<Body>, HttpError>;

/// Answers in this order; the last one repeats.
fn answers(fixture: &Fixture, outcomes: &'static [fn() -> Outcome]) {
    let next = Cell::new(0);
    fixture.upstream.answers(move || {
        let index = next.replace(next.get() + 1).min(outcomes.len() - 1);
        outcomes[index]()
    });
}

fn ok() -> Outcome {
    Ok(response(200, &[], Body::from("done".to_owned())))
}

fn busy() -> Outcome {
    Ok(response(503, &[("x-attempt", "1")], Body::from("busy".to_owned())))
}

#[test]
fn each_attempt_is_whole() {
    let fixture = retrying(json!({ "initialInterval": { "milliseconds": 100 }, "multiplier": 1, "maxInterval": { "milliseconds": 100 } }));
    answers(&fixture, &[busy, || Err(HttpError::Connect("refused".to_owned())), ok]);
    let answer = fixture.send("POST", "http://api.localhost/chat?a=1", &[], "the body");
    assert_eq!((answer.status, answer.body.as_str()), (200, "done"));
    assert_eq!(fixture.upstream.calls(), 3);
    for _ in 0..3 {
        let sent = fixture.upstream.last();
        assert_eq!((sent.uri.as_str(), sent.body.as_str()), ("https://provider.example/chat?a=1", "the body"));
        assert_eq!(sent.header("authorization"), Some(format!("Bearer {PROVIDER_KEY}").as_str()));
    }
    let slept = fixture.world.memory.clock.slept();
    assert!(slept.len() == 2 && slept.iter().all(|wait| (50..=100).contains(&wait.as_millis())), "{slept:?}");
    assert_eq!(fixture.log()["entry"]["common"]["retries"], 2);
}

#[test]
fn the_last_failure_is_the_answer() {
    let fixture = retrying(json!({ "maxRetries": 2 }));
    answers(&fixture, &[busy]);
    let answer = fixture.get("http://api.localhost/");
    assert_eq!((answer.status, answer.body.as_str(), fixture.upstream.calls()), (503, "busy", 3));
    answers(&fixture, &[|| Err(HttpError::Timeout)]);
    let answer = fixture.get("http://api.localhost/");
    assert_eq!((answer.status, answer.code().as_str(), fixture.upstream.calls()), (504, "upstream_timeout", 6));
}

#[test]
fn what_may_have_been_done_is_not_done_twice() {
    let fixture = retrying(json!({}));
    for (method, calls) in [("POST", 1), ("GET", 2)] {
        answers(&fixture, &[|| Err(HttpError::Broken("reset".to_owned())), ok]);
        let before = fixture.upstream.calls();
        fixture.send(method, "http://api.localhost/", &[], "");
        assert_eq!(fixture.upstream.calls() - before, calls, "{method}");
    }
}

#[test]
fn without_retry_there_is_one_attempt() {
    let fixture = Fixture::with_config(upstream(json!({})));
    answers(&fixture, &[busy, ok]);
    assert_eq!(fixture.get("http://api.localhost/").status, 503);
    assert_eq!((fixture.upstream.calls(), fixture.world.memory.clock.slept()), (1, Vec::new()));
    assert!(fixture.log()["entry"]["common"]["retries"].is_null());
}

#[test]
fn a_body_that_cannot_be_kept_is_refused() {
    let fixture = retrying(json!({}));
    let answer = fixture.send("POST", "http://api.localhost/", &[], &"x".repeat(1001));
    assert_eq!((answer.status, fixture.upstream.calls()), (413, 0));
    assert!(answer.body.contains("sent again"), "{}", answer.body);
}

#[test]
fn the_next_attempt_goes_elsewhere() {
    let endpoints = json!([{ "url": "https://a.example" }, { "url": "https://b.example" }]);
    let fixture = Fixture::with_config(json!({ "upstream": { "loadbalance": { "endpoints": endpoints } }, "http": { "retry": {} } }));
    answers(&fixture, &[|| Err(HttpError::Connect("refused".to_owned())), ok]);
    assert_eq!(fixture.get("http://api.localhost/x").status, 200);
    let mut uris = [fixture.upstream.last().uri, fixture.upstream.last().uri];
    uris.sort();
    assert_eq!(uris, ["https://a.example/x", "https://b.example/x"]);
}

#[test]
fn a_caller_that_leaves_ends_the_wait() {
    struct Endless(Rc<dyn Clock>);
    impl Clock for Endless {
        fn now(&self) -> Timestamp {
            self.0.now()
        }
        fn sleep(&self, _: Duration) -> LocalBoxFuture<'_, ()> {
            Box::pin(std::future::pending())
        }
    }
    let fixture = retrying(json!({}));
    answers(&fixture, &[busy]);
    let platform = Platform { clock: Rc::new(Endless(fixture.platform().clock)), ..fixture.platform() };
    let request = Request::get("http://api.localhost/").header("authorization", format!("Bearer {}", fixture.token));
    let incoming = Incoming { request: request.body(Body::Empty).unwrap(), client: Client { ip: None, version: Version::HTTP_11 } };
    assert!(fixture.gateway.handle(&platform, incoming).now_or_never().is_none());
    assert_eq!((fixture.upstream.calls(), fixture.log()["entry"]["info"]["http"]["response"]["code"].as_u64()), (1, Some(499)));
}
