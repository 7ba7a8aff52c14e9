//! Which requests take no part.

use std::time::Duration;

use http::HeaderMap;
use http::header::{
    ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    IF_UNMODIFIED_SINCE, ORIGIN, PRAGMA, RANGE, SEC_WEBSOCKET_KEY, UPGRADE,
};

use super::response::directives;

/// Headers of a request for a part of an answer, for a condition on one, for another protocol; and of one with a credential of the
/// caller's own that goes on to the upstream, where the answer is for whoever holds it (RFC 9111 §3.5).
const OPTING_OUT: [HeaderName; 9] =
    [AUTHORIZATION, RANGE, IF_RANGE, IF_MATCH, IF_NONE_MATCH, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE, UPGRADE, SEC_WEBSOCKET_KEY];

/// Whether the request wants none of it. With a key of the operator's own, pages of other origins may share what they get.
pub fn opts_out(headers: &HeaderMap, has_own_key: bool) -> bool {
    let is_refused = |(name, value): (String, Option<String>)| match name.as_str() {
        "no-cache" | "no-store" | "private" => true,
        "max-age" => value.as_deref() == Some("0"),
        _ => false,
    };
    OPTING_OUT.iter().any(|name| headers.contains_key(name))
        || directives(headers, CACHE_CONTROL).into_iter().any(is_refused)
        || directives(headers, PRAGMA).iter().any(|(name, _)| name == "no-cache")
        || headers.contains_key(ORIGIN) && !has_own_key
        || lines(headers, ACCEPT).any(|line| line.contains("text/event-stream"))
        || lines(headers, CONTENT_TYPE).any(|line| line.starts_with("application/grpc"))
}

/// `Cache-Control: max-age` (RFC 9111 §5.2.1.1).
pub fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let directives = directives(headers, CACHE_CONTROL).into_iter();
    let ages = directives.filter_map(|(name, value)| if name == "max-age" { value?.parse().ok() } else { None });
    ages.min().map(Duration::from_secs)
}

/// In lower case.
fn lines(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = String> {
    headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    fn headers(name: &str, value: &str) -> HeaderMap {
        [(name.parse::<HeaderName>().unwrap(), value.parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn some_requests_take_no_part() {
        for (name, value, expected) in [
            ("accept", "application/json", false),
            ("accept", "application/json, Text/Event-Stream", true),
            ("range", "bytes=0-1", true),
            ("if-none-match", "\"a\"", true),
            ("authorization", "Bearer x", true),
            ("cache-control", "no-cache", true),
            ("cache-control", "max-stale, No-Store", true),
            ("cache-control", "private", true),
            ("cache-control", "max-age=0", true),
            ("cache-control", "max-age=10", false),
            ("pragma", "no-cache", true),
            ("origin", "https://a.example", true),
            ("content-type", "application/grpc+proto", true),
            ("content-type", "application/json", false),
            ("sec-websocket-key", "x", true),
            ("cookie", "a=b", false),
        ] {
            assert_eq!(opts_out(&headers(name, value), false), expected, "{name}: {value}");
        }
        assert!(!opts_out(&headers("origin", "https://a.example"), true));
    }

    #[test]
    fn an_age_may_be_asked_for() {
        for (value, expected) in [("max-age=10", Some(10)), ("MAX-AGE=\"7\", max-age=9", Some(7)), ("max-age=x", None), ("no-store", None)]
        {
            assert_eq!(max_age(&headers("cache-control", value)), expected.map(Duration::from_secs), "{value}");
        }
    }
}
