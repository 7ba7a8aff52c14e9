//! `postern.lock`: what a deployment's build carries and may call, beside the files that it is built from.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result, bail};
use postern_core::feature::{Feature, Features};
use postern_core::snapshot::Snapshot;
use toml_edit::{Array, DocumentMut, Item, value};

use crate::configuration::origins;
use crate::console;

/// Beside `wrangler.toml` and `spin.toml`.
pub const FILE: &str = "postern.lock";

const HEAD: &str = "# Written by `postern build --for HOST`: what the build carries, and the origins it may call.\n";

#[derive(Debug, PartialEq, Eq)]
pub struct Lock {
    pub features: Features,
    pub outbound_hosts: BTreeSet<String>,
}

impl Lock {
    /// What a build for this configuration needs.
    pub fn of(snapshot: &Snapshot) -> Self {
        Self { features: snapshot.features.clone(), outbound_hosts: origins(snapshot) }
    }

    /// Reads the file; `None` where there is none.
    ///
    /// # Errors
    /// When it cannot be read, or is not what [`Lock::write`] writes.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            read => read.with_context(|| format!("{} cannot be read", path.display()))?,
        };
        Self::parse(&text).map(Some).with_context(|| format!("{} cannot be used: `postern build` writes it anew", path.display()))
    }

    /// Writes the file, unless it says so already: builds watch it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = self.to_text();
        if fs::read_to_string(path).is_ok_and(|before| before == text) {
            return Ok(());
        }
        fs::write(path, &text).with_context(|| format!("{} cannot be written", path.display()))?;
        console::note(&format!("{}: the build carries {}", path.display(), self.carried()));
        Ok(())
    }

    fn carried(&self) -> String {
        let names: Vec<String> = self.features.iter().map(ToString::to_string).collect();
        if names.is_empty() { "nothing beyond the core".into() } else { names.join(", ") }
    }

    fn parse(text: &str) -> Result<Self> {
        let document: DocumentMut = text.parse()?;
        let names = strings(document.get("features"))?;
        let features = names.iter().map(|name| Feature::parse(name).with_context(|| format!("this version knows no feature {name:?}")));
        Ok(Self {
            features: features.collect::<Result<_>>()?,
            outbound_hosts: strings(document.get("outbound_hosts"))?.into_iter().collect(),
        })
    }

    fn to_text(&self) -> String {
        let mut document = DocumentMut::new();
        document.insert("features", value(self.features.iter().map(|feature| feature.as_str()).collect::<Array>()));
        document.insert("outbound_hosts", value(self.outbound_hosts.iter().collect::<Array>()));
        format!("{HEAD}{document}")
    }
}

/// Refuses a configuration that needs what the last build does not carry.
///
/// # Errors
/// The text names what is missing and the command that mends it.
pub fn refuse_missing(lock: &Lock, snapshot: &Snapshot, mend: &str) -> Result<()> {
    let missing: Vec<String> = snapshot.features.difference(&lock.features).map(ToString::to_string).collect();
    if !missing.is_empty() {
        bail!(
            "{FILE} says that the deployed build has no {}: {mend} over the new configuration builds one that has",
            missing.join(" and no ")
        );
    }
    Ok(())
}

fn strings(item: Option<&Item>) -> Result<Vec<String>> {
    let Some(list) = item.and_then(Item::as_array) else { bail!("a list is missing") };
    list.iter().map(|entry| entry.as_str().map(str::to_owned).context("an entry is not text")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let lock = Lock { features: [Feature::Rego, Feature::Lua].into(), outbound_hosts: ["https://a.example".to_owned()].into() };
        let text = lock.to_text();
        assert_eq!(text, format!("{HEAD}features = [\"lua\", \"rego\"]\noutbound_hosts = [\"https://a.example\"]\n"));
        assert_eq!(Lock::parse(&text).unwrap(), lock);
        for wrong in ["features = [\"basic\"]\noutbound_hosts = []", "features = []", "features = [1]\noutbound_hosts = []", "="] {
            assert!(Lock::parse(wrong).is_err(), "{wrong}");
        }
    }
}
