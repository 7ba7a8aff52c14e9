use std::time::Duration;

use serde_json::{Map, Value};

use super::{TokenFault, Verified};
use crate::platform::Timestamp;

/// Bytes of `sub`, which names the caller in logs, limits and conditions.
const MAX_SUBJECT: usize = 256;

/// Checks the claims of a token whose signature holds. A token without an end is refused: nobody could take it back.
pub(super) fn check(claims: Map<String, Value>, now: Timestamp, audiences: &[String], skew: Duration) -> Result<Verified, TokenFault> {
    if !audiences.is_empty() && !is_for(&claims, audiences) {
        return Err(TokenFault::Audience);
    }
    let expires_at = time(&claims, "exp")?.ok_or(TokenFault::Claims)?;
    if Timestamp::from_seconds(expires_at).plus(skew) <= now {
        return Err(TokenFault::Expired);
    }
    if time(&claims, "nbf")?.is_some_and(|from| Timestamp::from_seconds(from) > now.plus(skew)) {
        return Err(TokenFault::NotYetValid);
    }
    let subject = claims.get("sub").and_then(Value::as_str).ok_or(TokenFault::Subject)?;
    if subject.is_empty() || subject.len() > MAX_SUBJECT || subject.chars().any(char::is_control) {
        return Err(TokenFault::Subject);
    }
    Ok(Verified { subject: subject.to_owned(), expires_at, claims })
}

/// `aud` is one or several (RFC 7519 §4.1.3).
fn is_for(claims: &Map<String, Value>, audiences: &[String]) -> bool {
    let is_one = |value: &Value| value.as_str().is_some_and(|text| audiences.iter().any(|audience| audience == text));
    match claims.get("aud") {
        Some(Value::Array(items)) => items.iter().any(is_one),
        Some(value) => is_one(value),
        None => false,
    }
}

/// A NumericDate (RFC 7519 §2), which may have a fraction. Beyond the year 9999 it is the end of that year.
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<u64>, TokenFault> {
    const LATEST: u64 = 253_402_300_799;
    let Some(value) = claims.get(name) else { return Ok(None) };
    if let Some(seconds) = value.as_u64() {
        return Ok(Some(seconds.min(LATEST)));
    }
    let seconds = value.as_f64().filter(|seconds| seconds.is_finite()).ok_or(TokenFault::Claims)?;
    // What is before 1970 is long over; the rest is in range.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    Ok(Some(seconds.clamp(0.0, LATEST as f64) as u64))
}
