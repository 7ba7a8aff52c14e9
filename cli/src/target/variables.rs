use std::path::Path;

use anyhow::{Context, Result};
use postern_core::secret::MasterKey;
use zeroize::Zeroizing;

use crate::keys::{self, MasterKeys};

/// The file of variables that a host's local runs read, which holds the master keys.
pub trait KeyFile {
    fn path(&self) -> &Path;

    /// What the host calls `POSTERN_KEY` and `POSTERN_KEY_PREVIOUS`.
    fn names(&self) -> [&'static str; 2];

    /// # Errors
    /// When the file is there and cannot be read.
    fn get(&self, name: &str) -> Result<Option<Zeroizing<String>>>;

    /// Sets variables and leaves the others as they are. The file is made (mode 0600) when absent.
    ///
    /// # Errors
    /// When the file cannot be written.
    fn set(&self, variables: &[(&str, &str)]) -> Result<()>;
}

/// Whether a key was there or has been made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    Now,
    Before,
}

impl dyn KeyFile + '_ {
    /// The keys, where there is a current one.
    ///
    /// # Errors
    /// When the file cannot be read or what it holds is no key.
    pub fn keys(&self) -> Result<Option<MasterKeys>> {
        let [current, previous] = self.names();
        let Some(current) = self.get(current)?.filter(|text| !text.is_empty()) else { return Ok(None) };
        let previous = self.get(previous)?;
        MasterKeys::parse(&current, previous.as_ref().map(|text| text.as_str()), &self.path().display().to_string()).map(Some)
    }

    /// The keys; a current one is made when there is none.
    ///
    /// # Errors
    /// As [`KeyFile::keys`], and when the file cannot be written.
    pub fn keys_or_new(&self) -> Result<(MasterKeys, Made)> {
        if let Some(keys) = self.keys()? {
            return Ok((keys, Made::Before));
        }
        let [current, _] = self.names();
        let key = keys::generate();
        self.set(&[(current, &key.to_text())])?;
        Ok((MasterKeys { current: key, previous: None }, Made::Now))
    }

    /// Makes a new current key, and keeps the one before.
    ///
    /// # Errors
    /// When there is no current key, or the file cannot be written.
    pub fn rotate(&self) -> Result<MasterKeys> {
        let keys = self.keys()?.with_context(|| format!("there is no key in {} yet", self.path().display()))?;
        let new = keys::generate();
        let [current, previous] = self.names();
        self.set(&[(current, &MasterKey::to_text(&new)), (previous, &keys.current.to_text())])?;
        Ok(MasterKeys { current: new, previous: Some(keys.current) })
    }
}
