//! The embedded store: one SQLite file in the data folder.
//!
//! It keeps a write-ahead log: readers then never wait for a writer nor a writer for them, so `postern create` writes while `serve`
//! answers requests. The price is that the folder must be on a local disk, because the log's index is shared memory. A commit is
//! on disk when it returns (`synchronous = FULL`): writes are rare, and a lost secret costs more than the millisecond.

mod platform;

use std::path::Path;
use std::time::Duration;

use postern_core::platform::{Clock, StoreError, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::{SystemClock, data};
pub(crate) use platform::{PlatformStore, SharedWriter};

/// The file's name within the data folder.
pub const FILE: &str = "postern.sqlite";

/// One connection to the store. What another connection or process commits is visible to the next read.
pub struct SqliteStore {
    connection: Connection,
}

/// One change of a set that is written as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Put { key: String, value: Vec<u8>, expires_in: Option<Duration> },
    Delete { key: String },
}

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS kv (key TEXT PRIMARY KEY, value BLOB NOT NULL, expires_at INTEGER) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS kv_expiry ON kv (expires_at) WHERE expires_at IS NOT NULL;
";

impl SqliteStore {
    /// Opens the store in the data folder. Folder (mode 0700) and file (mode 0600) are made when absent.
    ///
    /// # Errors
    /// When they cannot be made, or the file is not a store.
    pub fn open(data: &Path) -> Result<Self, StoreError> {
        let path = data.join(FILE);
        let place = |error: &dyn std::fmt::Display| StoreError(format!("{}: {error}", path.display()));
        data::prepare(data).and_then(|()| data::private_file(&path)).map_err(|error| place(&error))?;
        let connection = Connection::open(&path).map_err(|error| place(&error))?;
        Self::prepared(connection).map_err(|error| place(&error))
    }

    /// The value, unless it has expired.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let read = || {
            let mut statement =
                self.connection.prepare_cached("SELECT value FROM kv WHERE key = ?1 AND (expires_at IS NULL OR expires_at > ?2)")?;
            statement.query_row(params![key, milliseconds(SystemClock.now())], |row| row.get(0)).optional()
        };
        read().map_err(failed)
    }

    /// # Errors
    /// When the key is not one (1 to 512 bytes of `[a-z0-9/._-]`), or the file cannot be written.
    pub fn put(&mut self, key: &str, value: &[u8], expires_in: Option<Duration>) -> Result<(), StoreError> {
        self.write(&[Change::Put { key: key.to_owned(), value: value.to_owned(), expires_in }])
    }

    /// Drops a value; one that does not exist is no error.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn delete(&mut self, key: &str) -> Result<(), StoreError> {
        self.write(&[Change::Delete { key: key.to_owned() }])
    }

    /// The keys that start with the prefix and their values, in the order of the keys.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn list(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let read = || -> rusqlite::Result<Vec<_>> {
            let mut statement = self.connection.prepare_cached(
                "SELECT key, value FROM kv WHERE key >= ?1 AND substr(key, 1, length(?1)) = ?1
                 AND (expires_at IS NULL OR expires_at > ?2) ORDER BY key",
            )?;
            statement.query_map(params![prefix, milliseconds(SystemClock.now())], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        read().map_err(failed)
    }

    /// Makes all the changes or none. Drops what has expired on the way.
    ///
    /// # Errors
    /// Those of [`SqliteStore::put`]; nothing is written then.
    pub fn write(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        for change in changes {
            let (Change::Put { key, .. } | Change::Delete { key }) = change;
            check_key(key)?;
        }
        let now = SystemClock.now();
        let mut write = || {
            // Taking the write lock at once waits for another writer; upgrading a read lock would fail instead.
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.prepare_cached("DELETE FROM kv WHERE expires_at <= ?1")?.execute([milliseconds(now)])?;
            changes.iter().try_for_each(|change| apply(&transaction, change, now))?;
            transaction.commit()
        };
        write().map_err(failed)
    }

    fn prepared(connection: Connection) -> rusqlite::Result<Self> {
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self { connection })
    }
}

fn apply(transaction: &Transaction<'_>, change: &Change, now: Timestamp) -> rusqlite::Result<()> {
    match change {
        Change::Put { key, value, expires_in } => {
            let expires_at = expires_in.map(|duration| milliseconds(now.plus(duration)));
            transaction
                .prepare_cached("INSERT OR REPLACE INTO kv (key, value, expires_at) VALUES (?1, ?2, ?3)")?
                .execute(params![key, value, expires_at])?;
        }
        Change::Delete { key } => {
            transaction.prepare_cached("DELETE FROM kv WHERE key = ?1")?.execute([key])?;
        }
    }
    Ok(())
}

fn check_key(key: &str) -> Result<(), StoreError> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"/._-".contains(&byte);
    if (1..=512).contains(&key.len()) && key.bytes().all(allowed) {
        return Ok(());
    }
    Err(StoreError(format!("`{}` is not a key: 1 to 512 bytes of a-z, 0-9, `/`, `.`, `_`, `-`", key.escape_debug())))
}

fn milliseconds(time: Timestamp) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

fn failed(error: rusqlite::Error) -> StoreError {
    StoreError(error.to_string())
}

#[cfg(test)]
mod tests;
