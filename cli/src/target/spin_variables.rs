use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use toml_edit::{DocumentMut, value};
use zeroize::Zeroizing;

use super::KeyFile;
use crate::private_file;

/// The variables of a local `spin up --variable @.spin.vars.toml`.
pub struct SpinVariables {
    path: PathBuf,
}

/// The file's name, in the folder of `spin.toml`.
pub const FILE: &str = ".spin.vars.toml";

impl SpinVariables {
    pub fn here() -> Self {
        Self { path: FILE.into() }
    }

    fn document(&self) -> Result<DocumentMut> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == ErrorKind::NotFound => Zeroizing::default(),
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", self.path.display())),
        };
        // The parser's own message quotes the line, which may hold a secret.
        text.parse::<DocumentMut>().map_err(|_| anyhow::anyhow!("{} is not TOML", self.path.display()))
    }
}

impl KeyFile for SpinVariables {
    fn path(&self) -> &Path {
        &self.path
    }

    fn names(&self) -> [&'static str; 2] {
        ["postern_key", "postern_key_previous"]
    }

    fn get(&self, name: &str) -> Result<Option<Zeroizing<String>>> {
        let document = self.document()?;
        Ok(document.get(name).and_then(|item| item.as_str()).map(|text| Zeroizing::new(text.to_owned())))
    }

    fn set(&self, variables: &[(&str, &str)]) -> Result<()> {
        let mut document = self.document()?;
        for (name, text) in variables {
            document.insert(name, value(*text));
        }
        private_file::write(&self.path, Zeroizing::new(document.to_string()).as_bytes())
    }
}
