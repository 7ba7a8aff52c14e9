use std::fmt;

use super::{LocalBoxFuture, Timestamp};
use crate::hex;

/// Counters shared by all instances of a deployment.
pub trait CounterStore {
    /// Adds `by` and returns the new value; a counter that does not exist starts at 0.
    /// The store may drop the counter after `expires_at`.
    fn increment<'a>(&'a self, key: &'a CounterKey, by: i64, expires_at: Timestamp) -> LocalBoxFuture<'a, Result<i64, CounterError>>;

    /// Drops a counter; one that does not exist is no error.
    fn remove<'a>(&'a self, key: &'a CounterKey) -> LocalBoxFuture<'a, Result<(), CounterError>>;

    /// How far the values can be relied on.
    fn precision(&self) -> Precision;
}

/// What a counter's value means when requests run in parallel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// N parallel increments return N different values.
    Exact,
    /// Increments may be lost.
    BestEffort,
}

/// The store did not answer. What that means for the request is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterError(pub String);

/// A counter's name. It can only be made with everything that must scope it, so that no two limits share a counter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CounterKey(String);

impl CounterKey {
    /// `purpose` and `owner` are names from the configuration; `principal` may be text of the caller's, so it enters as a digest.
    pub fn new(purpose: &str, owner: &str, principal: &str, window: u64) -> Self {
        use sha2::{Digest, Sha256};
        let digest = Sha256::new()
            .chain_update((owner.len() as u64).to_be_bytes())
            .chain_update(owner.as_bytes())
            .chain_update(principal.as_bytes())
            .finalize();
        let digits = hex::encode(&digest);
        // Half of the digest is enough to keep principals apart.
        Self(format!("counter/{purpose}/{}/{window}", digits.get(..32).unwrap_or(&digits)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CounterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the counter store did not answer: {}", self.0)
    }
}

impl std::error::Error for CounterError {}
