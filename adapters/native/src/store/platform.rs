use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use postern_core::platform::{Clock, KeyValueStore, LocalBoxFuture, StoreError};

use super::{Change, Entry, SqliteStore};
use crate::SystemClock;

/// The connection that all threads write through.
pub(crate) type SharedWriter = Arc<Mutex<SqliteStore>>;

/// One thread's view of the store. Values that were read stay in memory for as long as nobody has committed anything, which one
/// pragma tells without a query; so a read costs microseconds and still sees every write at once.
pub(crate) struct PlatformStore {
    reader: SqliteStore,
    writer: SharedWriter,
    version: Cell<i64>,
    /// Absent keys too, as most lookups of unknown tokens end there.
    pub(super) seen: RefCell<HashMap<String, Option<Entry>>>,
}

/// Keys may come from callers, so the memory for them is bounded.
const SEEN_AT_MOST: usize = 4096;
/// Bytes of a value that is kept in memory.
const SEEN_SIZE: usize = 16 << 10;

impl PlatformStore {
    pub fn new(reader: SqliteStore, writer: SharedWriter) -> Result<Self, StoreError> {
        let version = Cell::new(reader.version()?);
        Ok(Self { reader, writer, version, seen: RefCell::default() })
    }

    fn read(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        // The version is asked for before the value is read: a commit in between only makes the next read ask again.
        let version = self.reader.version()?;
        let mut seen = self.seen.borrow_mut();
        if self.version.replace(version) != version || seen.len() >= SEEN_AT_MOST {
            seen.clear();
        }
        let alive =
            |entry: &Option<Entry>| entry.as_ref().filter(|entry| entry.is_alive(SystemClock.now())).map(|entry| entry.value.clone());
        if let Some(entry) = seen.get(key) {
            return Ok(alive(entry));
        }
        let entry = self.reader.entry(key)?;
        let value = alive(&entry);
        // Secrets and credentials are small and read often; a published Snapshot is neither.
        if value.as_ref().is_none_or(|value| value.len() <= SEEN_SIZE) {
            seen.insert(key.to_owned(), entry);
        }
        Ok(value)
    }

    /// A commit waits for the disk, so it must not happen on the thread that serves requests.
    async fn write(&self, change: Change) -> Result<(), StoreError> {
        let writer = self.writer.clone();
        // SQLite rolls back what a panicking thread left open.
        let commit = move || writer.lock().unwrap_or_else(PoisonError::into_inner).write(&[change]);
        tokio::task::spawn_blocking(commit).await.map_err(|error| StoreError(error.to_string()))?
    }
}

impl KeyValueStore for PlatformStore {
    fn get<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(async move { self.read(key) })
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], expires_in: Option<Duration>) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.write(Change::Put { key: key.to_owned(), value: value.to_owned(), expires_in }))
    }

    fn delete<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.write(Change::Delete { key: key.to_owned() }))
    }

    /// Zero: a read sees every write.
    fn reuse_for(&self) -> Duration {
        Duration::ZERO
    }
}
