//! `retry`: whether, and after what time, a request that failed is sent again. Exponential back-off with jitter, so that callers who
//! failed together do not come back together.

mod after;
mod compile;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};

use crate::platform::{HttpError, SecureRandom, Timestamp};
use after::retry_after;

/// `http.retry`, compiled.
#[derive(Debug, Clone, PartialEq)]
pub struct Retry {
    max_retries: u32,
    initial_interval: Duration,
    max_interval: Duration,
    max_elapsed_time: Duration,
    multiplier: f64,
    statuses: BTreeSet<u16>,
    server_errors: bool,
}

/// The attempts at one request.
#[derive(Debug)]
pub struct Attempts<'r> {
    retry: &'r Retry,
    started: Timestamp,
    repeated: u32,
}

/// How an attempt ended. Only the head of an answer has arrived by then; once its body goes to the caller nothing is repeated.
#[derive(Debug, Clone, Copy)]
pub enum Ended<'a> {
    Answered(StatusCode, &'a HeaderMap),
    Failed(&'a HttpError),
}

impl Retry {
    /// Begins to count.
    pub fn begin(&self, now: Timestamp) -> Attempts<'_> {
        Attempts { retry: self, started: now, repeated: 0 }
    }

    /// Gateways before upstreams say 502, 503 and 504 of requests that they could not pass on.
    fn is_worth_it(&self, method: &Method, ended: Ended<'_>) -> bool {
        match ended {
            Ended::Answered(status, _) => {
                matches!(status.as_u16(), 502..=504)
                    || self.server_errors && status.is_server_error()
                    || self.statuses.contains(&status.as_u16())
            }
            // Nothing of the request was sent.
            Ended::Failed(HttpError::Connect(_)) => true,
            // The upstream may have acted on it (RFC 9110 §9.2.2).
            Ended::Failed(HttpError::Lost(_) | HttpError::Broken(_) | HttpError::Timeout) => method.is_idempotent(),
            Ended::Failed(HttpError::Forbidden(_) | HttpError::RequestBody(_) | HttpError::NoContainer(_) | HttpError::TooLarge { .. }) => {
                false
            }
        }
    }
}

impl Attempts<'_> {
    /// How long to wait before the next attempt; `None` when there is none. An upstream that says when to come back (RFC 9110
    /// §10.2.3) is obeyed; if that is later than a wait may last, its answer goes to the caller.
    pub fn next(&mut self, method: &Method, ended: Ended<'_>, now: Timestamp, random: &dyn SecureRandom) -> Option<Duration> {
        if self.repeated >= self.retry.max_retries || !self.retry.is_worth_it(method, ended) {
            return None;
        }
        let asked = match ended {
            Ended::Answered(_, headers) => retry_after(headers, now).unwrap_or_default(),
            Ended::Failed(_) => Duration::ZERO,
        };
        let wait = self.interval(random).max(asked);
        let is_too_late = now.since(self.started).saturating_add(wait) > self.retry.max_elapsed_time;
        if asked > self.retry.max_interval || is_too_late {
            return None;
        }
        self.repeated += 1;
        Some(wait)
    }

    /// Half to one and a half times the interval that is due, never more than the longest.
    fn interval(&self, random: &dyn SecureRandom) -> Duration {
        let Retry { initial_interval, max_interval, multiplier, .. } = self.retry;
        let grown = initial_interval.as_secs_f64() * multiplier.powi(i32::try_from(self.repeated).unwrap_or(i32::MAX));
        let jittered = grown * (0.5 + fraction(random));
        Duration::try_from_secs_f64(jittered).unwrap_or(*max_interval).min(*max_interval)
    }
}

/// A number of [0, 1).
fn fraction(random: &dyn SecureRandom) -> f64 {
    let mut bytes = [0; 4];
    random.fill(&mut bytes);
    f64::from(u32::from_be_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
}
