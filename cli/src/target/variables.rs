use std::path::Path;

use anyhow::Result;
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

    /// Sets both keys.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(&self, keys: &MasterKeys) -> Result<()> {
        let [current, previous] = self.names();
        let text = keys.previous.as_ref().map(MasterKey::to_text).unwrap_or_default();
        self.set(&[(current, &keys.current.to_text()), (previous, &text)])
    }
}
