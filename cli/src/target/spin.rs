use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use postern_core::auth::StoreWrite;

use super::{KeyFile, Made, SpinVariables, Target};
use crate::keys::MasterKeys;
use crate::{console, private_file};

/// Spin's store cannot be written from outside while the application is stopped or running, only be given entries when it starts. So
/// they are kept in files, with a script that starts `spin up` with them.
pub struct Spin {
    folder: PathBuf,
    variables: SpinVariables,
}

/// `spin up --key-value` takes a value as an argument, and Linux takes no longer one (`MAX_ARG_STRLEN`).
const LONGEST_ENTRY: usize = 128 << 10;

impl Spin {
    pub fn new(data: &Path) -> Self {
        Self { folder: data.join("spin"), variables: SpinVariables::here() }
    }

    fn variables(&self) -> &dyn KeyFile {
        &self.variables
    }

    fn script(&self) -> PathBuf {
        self.folder.join("up")
    }

    fn value_file(&self, key: &str) -> PathBuf {
        self.folder.join("values").join(key)
    }

    fn write_one(&self, write: &StoreWrite) -> Result<()> {
        match write {
            StoreWrite::Put { key, value } if key.len() + value.len() + 2 > LONGEST_ENTRY => bail!(
                "{key} is too large to be given to `spin up --key-value` ({} bytes, at most {LONGEST_ENTRY}): build it in instead \
                 (`postern build --for spin`)",
                value.len()
            ),
            StoreWrite::Put { key, value } => private_file::write(&self.value_file(key), value),
            // An entry can be overwritten at the start, not removed. An empty one counts as absent.
            StoreWrite::Delete { key } => private_file::write(&self.value_file(key), b""),
        }
    }

    fn write_script(&self) -> Result<()> {
        let path = self.script();
        private_file::write(&path, include_bytes!("spin-up.sh"))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).with_context(|| format!("{} cannot be written", path.display()))
    }
}

impl Target for Spin {
    fn name(&self) -> String {
        format!("the store for Spin ({})", self.folder.display())
    }

    fn keys(&self) -> Result<MasterKeys> {
        let (keys, made) = self.variables().keys_or_new()?;
        if made == Made::Now {
            console::note(&format!("made a key for local runs in {}", self.variables.path().display()));
        }
        Ok(keys)
    }

    fn next_keys(&self) -> Result<MasterKeys> {
        Ok(self.keys()?.next())
    }

    fn keep_keys(&mut self, keys: &MasterKeys) -> Result<()> {
        self.variables().keep(keys)
    }

    fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let path = self.value_file(key);
        match fs::read(&path) {
            Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
    }

    fn list(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>> {
        // Keys are `<what>/<name>`, and prefixes end with the slash.
        let folder = self.value_file(prefix);
        let names = match fs::read_dir(&folder) {
            Ok(names) => names,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", folder.display())),
        };
        let mut entries = Vec::new();
        for name in names {
            let name = name.with_context(|| format!("{} cannot be read", folder.display()))?.file_name();
            let key = format!("{prefix}{}", name.to_string_lossy());
            entries.extend(self.get(&key)?.map(|value| (key, value)));
        }
        entries.sort();
        Ok(entries)
    }

    fn write(&mut self, writes: &[StoreWrite]) -> Result<()> {
        writes.iter().try_for_each(|write| self.write_one(write))?;
        self.write_script()?;
        console::note("Spin takes it when it is started with");
        console::command(&self.script().display().to_string());
        Ok(())
    }
}
