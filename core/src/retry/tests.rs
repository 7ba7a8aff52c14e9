use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use super::{Ended, Retry, retry_after};
use crate::platform::{HttpError, SecureRandom, Timestamp};
use crate::problem::Problems;
use crate::testing::test;

/// Makes every fraction a half, so that intervals are exact.
struct Half;

impl SecureRandom for Half {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
        if let Some(first) = buffer.first_mut() {
            *first = 0x80;
        }
    }
}

const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

fn compile(source: &Value) -> (Retry, Problems) {
    let mut problems = Problems::new();
    let retry = Retry::compile(&serde_json::from_value(source.clone()).unwrap(), &mut problems);
    (retry, problems)
}

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    lines.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())).collect()
}

/// Milliseconds before each further attempt at something that always fails in the same way.
fn waits(source: &Value, method: &Method, status: u16, lines: &[(&'static str, &str)]) -> Vec<u128> {
    let (retry, problems) = compile(source);
    assert!(problems.is_empty(), "{problems:?}");
    let (mut attempts, mut now, mut waits) = (retry.begin(NOW), NOW, Vec::new());
    let headers = headers(lines);
    while let Some(wait) = attempts.next(method, Ended::Answered(StatusCode::from_u16(status).unwrap(), &headers), now, &Half) {
        now = now.plus(wait);
        waits.push(wait.as_millis());
    }
    waits
}

#[test]
fn waits_grow_and_end() {
    for (source, expected) in [
        (json!({}), &[500, 750, 1125, 1687, 2531][..]),
        (json!({"maxRetries": 0}), &[]),
        (json!({"maxRetries": 1}), &[500]),
        (json!({"maxRetries": 2}), &[500, 750]),
        (json!({"initialInterval": {"milliseconds": 10}, "multiplier": 2, "maxRetries": 4}), &[10, 20, 40, 80]),
        (json!({"initialInterval": {"seconds": 1}, "multiplier": 1, "maxElapsedTime": {"seconds": 3}}), &[1000, 1000, 1000]),
        (json!({"initialInterval": {"seconds": 2}, "maxInterval": {"seconds": 1}, "maxRetries": 3}), &[1000, 1000, 1000]),
        (json!({"initialInterval": {"seconds": 11}}), &[]),
    ] {
        assert_eq!(waits(&source, &Method::GET, 503, &[]), expected, "{source}");
    }
}

#[test]
fn the_upstream_may_say_when() {
    let retry = json!({"maxRetries": 2, "maxInterval": {"seconds": 4}});
    for (lines, expected) in [
        (&[("retry-after", "2")][..], &[2000, 2000][..]),
        (&[("retry-after", "0")], &[500, 750]),
        (&[("retry-after", "5")], &[]),
        (&[("retry-after", "4")], &[4000, 4000]),
        (&[("retry-after", "soon")], &[500, 750]),
        (&[("retry-after", "5"), ("retry-after-ms", "600")], &[600, 750]),
        (&[("retry-after", "99999999999999999999999")], &[500, 750]),
    ] {
        assert_eq!(waits(&retry, &Method::GET, 503, lines), expected, "{lines:?}");
    }
    let now = Timestamp::from_rfc3339("1994-11-06T08:49:07Z").unwrap();
    let date = headers(&[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")]);
    assert_eq!(retry_after(&date, now), Some(Duration::from_secs(30)));
    assert_eq!(retry_after(&date, now.plus(Duration::from_secs(31))), Some(Duration::ZERO));
}

#[test]
fn what_is_worth_another_attempt() {
    let listed = json!({"statusCodes": [429]});
    let server_errors = json!({"retryOnServerErrors": true});
    for (source, status, expected) in [
        (&listed, 200, false),
        (&listed, 400, false),
        (&listed, 429, true),
        (&listed, 500, false),
        (&listed, 501, false),
        (&listed, 502, true),
        (&listed, 503, true),
        (&listed, 504, true),
        (&server_errors, 429, false),
        (&server_errors, 500, true),
        (&server_errors, 599, true),
    ] {
        for method in [Method::GET, Method::POST] {
            assert_eq!(!waits(source, &method, status, &[]).is_empty(), expected, "{source} {status}");
        }
    }
    let why = String::new;
    for (error, of_get, of_post) in [
        (HttpError::Connect(why()), true, true),
        (HttpError::Lost(why()), true, false),
        (HttpError::Broken(why()), true, false),
        (HttpError::Timeout, true, false),
        (HttpError::Forbidden(why()), false, false),
        (HttpError::RequestBody(why()), false, false),
        (HttpError::NoContainer(why()), false, false),
    ] {
        for (method, expected) in [(Method::GET, of_get), (Method::PUT, of_get), (Method::POST, of_post), (Method::PATCH, of_post)] {
            let (retry, _) = compile(&json!({}));
            assert_eq!(retry.begin(NOW).next(&method, Ended::Failed(&error), NOW, &Half).is_some(), expected, "{method} {error:?}");
        }
    }
}

#[test]
fn jitter_stays_around_the_interval() {
    struct Fill(u8);
    impl SecureRandom for Fill {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }
    let (retry, _) = compile(&json!({"initialInterval": {"seconds": 1}, "maxInterval": {"milliseconds": 1200}}));
    let wait = |byte| retry.begin(NOW).next(&Method::GET, Ended::Failed(&HttpError::Timeout), NOW, &Fill(byte)).unwrap().as_millis();
    assert_eq!([0, 0x40, 0xff].map(wait), [500, 750, 1200]);
}

#[test]
fn mistakes_are_told_at_their_place() {
    for (source, path) in [
        (json!({"maxRetries": 101}), "maxRetries"),
        (json!({"multiplier": 0.5}), "multiplier"),
        (json!({"multiplier": 1e9}), "multiplier"),
        (json!({"statusCodes": [429, 200]}), "statusCodes[1]"),
        (json!({"initialInterval": {"seconds": 0}}), "initialInterval"),
        (json!({"maxInterval": {"hours": 2}}), "maxInterval"),
        (json!({"maxElapsedTime": {"weeks": 1}}), "maxElapsedTime"),
    ] {
        let found: Vec<String> = compile(&source).1.into_vec().into_iter().map(|problem| problem.path).collect();
        assert_eq!(found, [path], "{source}");
    }
}
