//! Which answers are kept, and for how long.

use std::time::Duration;

use http::header::{
    AGE, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, DATE, EXPIRES, HeaderMap, HeaderName, PRAGMA, SET_COOKIE, TRAILER,
    VARY,
};
use http::{Response, StatusCode};

use crate::platform::Timestamp;
use crate::receive::REQUEST_ID;

/// Headers of answers that are for one caller or one request, or only a part. An upstream that says `Vary` answers by headers that it
/// names, which one copy cannot.
const NEVER: [HeaderName; 4] = [SET_COOKIE, CONTENT_RANGE, TRAILER, VARY];

/// Types of answers that are sent as they come about.
const STREAMS: [&str; 4] = ["text/event-stream", "application/x-ndjson", "application/vnd.amazon.eventstream", "multipart/x-mixed-replace"];

/// How long an answer may be used, counted from now; `None` for one that is not to be kept (RFC 9111 §3).
pub fn lifetime<B>(response: &Response<B>, ttl: Duration, now: Timestamp) -> Option<Duration> {
    let (status, headers) = (response.status(), response.headers());
    if !status.is_success() || status == StatusCode::PARTIAL_CONTENT || NEVER.iter().any(|name| headers.contains_key(name)) {
        return None;
    }
    let says = |name: HeaderName, word: &str| directives(headers, name).iter().any(|(name, _)| name == word);
    if says(HeaderName::from_static("x-accel-buffering"), "no") || says(PRAGMA, "no-cache") || is_stream(headers) {
        return None;
    }
    let control = directives(headers, CACHE_CONTROL);
    if control.iter().any(|(name, _)| matches!(name.as_str(), "no-store" | "private" | "no-cache")) {
        return None;
    }
    // Of the two, that for caches which many share counts (RFC 9111 §5.2.2.10). What cannot be read is stale (§4.2.1).
    let of = |wanted: &str| {
        let values = control.iter().filter(|(name, _)| name == wanted);
        values.map(|(_, value)| value.as_deref().and_then(|value| value.parse::<u64>().ok()).unwrap_or(0)).min()
    };
    let granted = of("s-maxage").or_else(|| of("max-age")).map(Duration::from_secs).or_else(|| until_expiry(headers, now));
    let granted = granted.map_or(ttl, |granted| granted.saturating_sub(age(headers)).min(ttl));
    (!granted.is_zero()).then_some(granted)
}

/// How old the upstream says that it is. A number that is too large counts as the largest (RFC 9111 §1.2.2).
pub fn age(headers: &HeaderMap) -> Duration {
    const MOST: u64 = 1 << 31;
    let text = headers.get(AGE).and_then(|value| value.to_str().ok()).unwrap_or_default().trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    Duration::from_secs(if is_number { text.parse().map_or(MOST, |seconds: u64| seconds.min(MOST)) } else { 0 })
}

/// What is kept of the head: all but what belongs to one exchange, and the length, which the body has. An answer to HEAD has no body,
/// so its length stays.
pub fn kept(headers: &HeaderMap, has_body: bool) -> HeaderMap {
    let mut kept = headers.clone();
    for name in [AGE, REQUEST_ID, super::X_CACHE] {
        kept.remove(name);
    }
    if has_body {
        kept.remove(CONTENT_LENGTH);
    }
    kept
}

/// The items of a header that is a list, in lower case, with what they may be set to.
pub fn directives(headers: &HeaderMap, name: HeaderName) -> Vec<(String, Option<String>)> {
    let lines = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase());
    let items = lines.flat_map(|line| line.split(',').map(|item| item.trim().to_owned()).collect::<Vec<_>>());
    let split = items.map(|item| match item.split_once('=') {
        Some((name, value)) => (name.trim().to_owned(), Some(value.trim().trim_matches('"').to_owned())),
        None => (item, None),
    });
    split.collect()
}

fn is_stream(headers: &HeaderMap) -> bool {
    let essence = |value: &str| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let types = headers.get_all(CONTENT_TYPE).iter().filter_map(|value| value.to_str().ok());
    types.map(essence).any(|essence| STREAMS.contains(&essence.as_str()))
}

/// `Expires` (RFC 9111 §5.3), from the time at which the upstream sent it. One that is no date has passed.
fn until_expiry(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let expires = headers.get(EXPIRES)?;
    let date = |value: &http::HeaderValue| value.to_str().ok().and_then(http_date);
    let sent = headers.get(DATE).and_then(date).unwrap_or(now);
    Some(date(expires).map_or(Duration::ZERO, |expires| expires.since(sent)))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7). The obsolete forms are not read.
fn http_date(text: &str) -> Option<Timestamp> {
    use time::format_description::well_known::Rfc2822;
    let text = format!("{} +0000", text.trim().strip_suffix(" GMT")?);
    let date = time::OffsetDateTime::parse(&text, &Rfc2822).ok()?;
    u64::try_from(date.unix_timestamp()).ok().map(Timestamp::from_seconds)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::testing::test;

    /// 2026-11-20T12:00:00Z.
    const NOW: Timestamp = Timestamp::from_seconds(1_795_176_000);

    fn seconds(status: u16, headers: &[(&str, &str)]) -> Option<u64> {
        let mut response = Response::new(());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        for (name, value) in headers {
            response.headers_mut().append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        lifetime(&response, Duration::from_secs(600), NOW).map(|lifetime| lifetime.as_secs())
    }

    #[test]
    fn how_long_answers_are_kept() {
        for (status, headers, expected) in [
            (200, &[][..], Some(600)),
            (201, &[], Some(600)),
            (204, &[], Some(600)),
            (206, &[], None),
            (301, &[], None),
            (404, &[], None),
            (500, &[], None),
            (200, &[("set-cookie", "a=b")], None),
            (200, &[("vary", "accept")], None),
            (200, &[("content-range", "bytes 0-1/2")], None),
            (200, &[("trailer", "x")], None),
            (200, &[("x-accel-buffering", "no")], None),
            (200, &[("content-type", "Text/Event-Stream; charset=utf-8")], None),
            (200, &[("content-type", "application/json")], Some(600)),
            (200, &[("cache-control", "no-store")], None),
            (200, &[("cache-control", "max-age=60"), ("cache-control", "Private")], None),
            (200, &[("cache-control", "no-cache=\"set-cookie\"")], None),
            (200, &[("pragma", "no-cache")], None),
            (200, &[("cache-control", "public, max-age=60")], Some(60)),
            (200, &[("cache-control", "max-age=6000")], Some(600)),
            (200, &[("cache-control", "max-age=60, s-maxage=30")], Some(30)),
            (200, &[("cache-control", "s-maxage=90, max-age=0")], Some(90)),
            (200, &[("cache-control", "max-age=60, max-age=10")], Some(10)),
            (200, &[("cache-control", "max-age=0")], None),
            (200, &[("cache-control", "max-age=soon")], None),
            (200, &[("cache-control", "max-age")], None),
            (200, &[("cache-control", "max-age=60"), ("age", "20")], Some(40)),
            (200, &[("cache-control", "max-age=60"), ("age", "60")], None),
            (200, &[("age", "20")], Some(600)),
            (200, &[("expires", "Fri, 20 Nov 2026 12:01:00 GMT")], Some(60)),
            (200, &[("expires", "Fri, 20 Nov 2026 12:01:00 GMT"), ("date", "Fri, 20 Nov 2026 12:00:30 GMT")], Some(30)),
            (200, &[("expires", "Fri, 20 Nov 2026 11:00:00 GMT")], None),
            (200, &[("expires", "0")], None),
            (200, &[("expires", "0"), ("cache-control", "max-age=5")], Some(5)),
        ] {
            assert_eq!(seconds(status, headers), expected, "{status} {headers:?}");
        }
    }

    #[test]
    fn what_belongs_to_one_exchange_is_not_kept() {
        let headers: HeaderMap = ["age", "x-request-id", "x-cache", "content-length", "etag"]
            .into_iter()
            .map(|name| (name.parse::<HeaderName>().unwrap(), "1".parse().unwrap()))
            .collect();
        // The map has no order of its own.
        let names = |has_body| kept(&headers, has_body).keys().map(|name| name.as_str().to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(names(true), ["etag".to_owned()].into());
        assert_eq!(names(false), ["content-length".to_owned(), "etag".to_owned()].into());
    }
}
