use std::fmt;
use std::time::Duration;

use super::LocalBoxFuture;

/// A store of small values: secrets, credentials, published Snapshots. Keys are at most 512 bytes of `[a-z0-9/._-]`.
pub trait KeyValueStore {
    fn get<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<Option<Vec<u8>>, StoreError>>;

    /// Writes a value; with `expires_in`, the store may drop it after that time (at least 60 s).
    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], expires_in: Option<Duration>) -> LocalBoxFuture<'a, Result<(), StoreError>>;

    /// Drops a value; one that does not exist is no error.
    fn delete<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<(), StoreError>>;

    /// How long a value that was read may be used without asking again. Zero where a read is cheap and sees every write.
    fn reuse_for(&self) -> Duration;
}

/// The store did not answer, or refused. The text is for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreError(pub String);

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store did not answer: {}", self.0)
    }
}

impl std::error::Error for StoreError {}
