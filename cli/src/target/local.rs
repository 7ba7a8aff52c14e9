use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use postern_core::auth::StoreWrite;
use postern_core::secret::{KEY, KEY_PREVIOUS};
use postern_native::data;
use postern_native::store::{Change, SqliteStore};

use super::Target;
use crate::keys::MasterKeys;
use crate::{console, private_file};

/// The native host's data folder. It may be in use by `serve`.
pub struct Local {
    data: PathBuf,
    store: SqliteStore,
}

impl Local {
    /// # Errors
    /// When the store cannot be opened or made.
    pub fn open(data: &Path) -> Result<Self> {
        let store = SqliteStore::open(data).map_err(|error| anyhow::anyhow!(error.0)).context("the local store cannot be opened")?;
        Ok(Self { data: data.to_owned(), store })
    }
}

/// The keys of a data folder, or of the environment. A key is made when there is none.
///
/// # Errors
/// When they cannot be read, or are none.
pub fn keys(data: &Path) -> Result<MasterKeys> {
    let unusable = || format!("the key of {} cannot be used", data.display());
    let (current, made) = data::master_key(data).with_context(unusable)?;
    let previous = data::previous_key(data).with_context(unusable)?;
    if made {
        console::note(&format!("made the gateway's key in {}", data.join(data::KEY_FILE).display()));
    }
    MasterKeys::parse(&current, previous.as_ref().map(|text| text.as_str()), &data.display().to_string())
}

impl Target for Local {
    fn name(&self) -> String {
        format!("the local store ({})", self.data.display())
    }

    /// Not where the gateway looks: it would take what was applied for the whole, and `serve` adds it to what it has from files.
    fn applied(&self) -> &'static str {
        "applied"
    }

    fn keys(&self) -> Result<MasterKeys> {
        keys(&self.data)
    }

    fn next_keys(&self) -> Result<MasterKeys> {
        let keys = self.keys()?;
        if !is_set(KEY) {
            return Ok(keys.next());
        }
        if keys.previous.is_none() {
            bail!("the key comes from the environment: set {KEY} to a new one (`postern key create`) and {KEY_PREVIOUS} to the one before");
        }
        Ok(keys)
    }

    fn keep_keys(&mut self, keys: &MasterKeys) -> Result<()> {
        if is_set(KEY) {
            return Ok(());
        }
        // The old key first: at no time is there a key without which something cannot be opened.
        if let Some(previous) = &keys.previous {
            private_file::write(&self.data.join(data::PREVIOUS_KEY_FILE), previous.to_text().as_bytes())?;
        }
        private_file::write(&self.data.join(data::KEY_FILE), keys.current.to_text().as_bytes())
    }

    fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.store.get(key).map_err(|error| anyhow::anyhow!(error.0)).context("the local store cannot be read")
    }

    fn list(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>> {
        self.store.list(prefix).map_err(|error| anyhow::anyhow!(error.0)).context("the local store cannot be read")
    }

    fn write(&mut self, writes: &[StoreWrite]) -> Result<()> {
        let changes: Vec<Change> = writes.iter().cloned().map(change).collect();
        self.store.write(&changes).map_err(|error| anyhow::anyhow!(error.0)).context("the local store cannot be written")
    }
}

fn change(write: StoreWrite) -> Change {
    match write {
        StoreWrite::Put { key, value } => Change::Put { key, value, expires_in: None },
        StoreWrite::Delete { key } => Change::Delete { key },
    }
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}
