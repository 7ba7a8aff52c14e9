use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use postern_core::platform::{KeyValueStore, LocalBoxFuture, StoreError};

use super::{Change, SqliteStore};

/// The connection that all threads write through.
pub(crate) type SharedWriter = Arc<Mutex<SqliteStore>>;

/// One thread's view of the store. A read asks SQLite every time: that takes about 3 µs, nearly all of it the lock that even
/// `PRAGMA data_version` takes, so a copy in memory that is checked against that would save nothing.
pub(crate) struct PlatformStore {
    reader: SqliteStore,
    writer: SharedWriter,
}

impl PlatformStore {
    pub fn new(reader: SqliteStore, writer: SharedWriter) -> Self {
        Self { reader, writer }
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
        Box::pin(async move { self.reader.get(key) })
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
