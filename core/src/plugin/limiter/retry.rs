//! When to come again, in the headers of a refusal.

use std::time::Duration;

use http::header::{HeaderName, HeaderValue, RETRY_AFTER};

use crate::error::Retry;

/// The largest integer of a structured field (RFC 9651 §3.3.1).
const MAX_INTEGER: u64 = 999_999_999_999_999;

/// `Retry-After` (RFC 9110 §10.2.3) and what SDKs read: `retry-after-ms` before it, and `x-should-retry` before both.
pub fn headers(wait: Duration, again: Retry) -> [(HeaderName, HeaderValue); 3] {
    let milliseconds = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    let should_retry = HeaderValue::from_static(if again == Retry::No { "false" } else { "true" });
    [
        (RETRY_AFTER, seconds(wait).into()),
        (HeaderName::from_static("retry-after-ms"), milliseconds.into()),
        (HeaderName::from_static("x-should-retry"), should_retry),
    ]
}

/// Rounded up, as who comes a moment too early is refused again; at least 1.
pub fn seconds(time: Duration) -> u64 {
    integer(u64::try_from(time.as_millis().div_ceil(1000)).unwrap_or(u64::MAX)).max(1)
}

/// As a header may say it.
pub fn integer(number: u64) -> u64 {
    number.min(MAX_INTEGER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn a_refusal_rounds_up() {
        let texts = |wait, again| {
            let fields = headers(Duration::from_millis(wait), again);
            fields.map(|(_, value)| value.to_str().unwrap().to_owned())
        };
        assert_eq!(texts(1_001, Retry::Soon), ["2", "1001", "true"]);
        assert_eq!(texts(0, Retry::No), ["1", "0", "false"]);
    }
}
