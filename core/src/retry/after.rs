use std::time::Duration;

use http::HeaderMap;
use http::header::RETRY_AFTER;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::platform::Timestamp;

/// The milliseconds that some providers tell beside the seconds of `Retry-After`.
const RETRY_AFTER_MS: &str = "retry-after-ms";

/// How long the sender of an answer asks to wait: seconds or a date (RFC 9110 §10.2.3), or more exactly milliseconds. `None` when it
/// does not say, or nothing that can be read.
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let milliseconds = headers.get(RETRY_AFTER_MS).and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok());
    if let Some(milliseconds) = milliseconds {
        return Some(Duration::from_millis(milliseconds));
    }
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    // The date of HTTP is one that mail allows too.
    let date = OffsetDateTime::parse(text, &Rfc2822).ok()?;
    let at = Timestamp::from_seconds(u64::try_from(date.unix_timestamp()).ok()?);
    Some(at.since(now))
}
