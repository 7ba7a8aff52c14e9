mod attempts;
mod increments;
mod recent;
mod series;

use std::fmt;

use super::{LocalBoxFuture, Timestamp};

pub use attempts::{Attempts, REACH};
pub use increments::{Increments, count_by_increments, is_spent};
pub use recent::RecentAttempts;
pub use series::{CounterKey, CounterSeries};

/// Counters shared by all instances of a deployment.
pub trait CounterStore {
    /// Adds `by` and returns the new value; a counter that does not exist starts at 0.
    /// The store may drop the counter after `expires_at`.
    fn increment<'a>(&'a self, key: &'a CounterKey, by: i64, expires_at: Timestamp) -> LocalBoxFuture<'a, Result<i64, CounterError>>;

    /// Drops a counter; one that does not exist is no error.
    fn remove<'a>(&'a self, key: &'a CounterKey) -> LocalBoxFuture<'a, Result<(), CounterError>>;

    /// Counts an attempt in the span of the series that `now` is in, and returns it with those around it.
    ///
    /// Of any attempts whose spans lie within [`REACH`] of each other, the last one to be counted sees all of them. A store with a
    /// clock of its own may prefer that to `now`.
    fn count<'a>(&'a self, series: &'a CounterSeries, now: Timestamp) -> LocalBoxFuture<'a, Result<Attempts, CounterError>>;

    /// How far the values can be relied on.
    fn precision(&self) -> Precision;
}

/// What counting means when requests run in parallel. `postern check --for` warns of limits on a host whose counters are not exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// Every attempt is counted once, and a limit admits no more than it says. `docs/rate-limits.md` has each host's bounds.
    Exact,
    /// Attempts may be lost.
    BestEffort,
}

impl Precision {
    /// A map in the process, under locks.
    pub const NATIVE: Self = Self::Exact;
    /// A Durable Object for each series.
    pub const CLOUDFLARE: Self = Self::Exact;
    /// `increment` of `wasi:keyvalue`.
    pub const SPIN: Self = Self::Exact;
}

/// The store did not answer. What that means for the request is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterError(pub String);

impl fmt::Display for CounterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the counter store did not answer: {}", self.0)
    }
}

impl std::error::Error for CounterError {}
