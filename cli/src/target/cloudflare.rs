use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use postern_core::auth::StoreWrite;
use postern_core::secret::{KEY, KEY_PREVIOUS};
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use super::wrangler::Wrangler;
use super::{DevVars, KeyFile, Made, Target};
use crate::keys::MasterKeys;
use crate::{console, private_file};

/// Workers KV: that of `wrangler dev`, or the deployed one.
pub struct Cloudflare {
    wrangler: Wrangler,
    dev_vars: DevVars,
    remote: bool,
}

/// Keys that KV takes in one bulk read.
const BULK_READ: usize = 100;

#[derive(Deserialize)]
struct Name {
    name: String,
}

#[derive(Deserialize)]
struct Found {
    value: Option<String>,
}

impl Cloudflare {
    pub fn new(remote: bool, environment: Option<&str>) -> Self {
        Self { wrangler: Wrangler::new(remote, environment), dev_vars: DevVars::find(environment), remote }
    }

    fn dev_vars(&self) -> &dyn KeyFile {
        &self.dev_vars
    }

    fn read(&self, keys: &[String]) -> Result<Vec<(String, Vec<u8>)>> {
        let mut entries = Vec::new();
        for keys in keys.chunks(BULK_READ) {
            let file = private_file::temporary(&serde_json::to_vec(keys)?)?;
            let path = file.path().to_str().context("the temporary folder's name is not UTF-8")?;
            let found: BTreeMap<String, Found> = self.wrangler.json(&["bulk", "get", path])?;
            entries.extend(found.into_iter().filter_map(|(key, found)| Some((key, found.value?.into_bytes()))));
        }
        Ok(entries)
    }
}

impl Target for Cloudflare {
    fn name(&self) -> String {
        if self.remote { "the deployed Workers KV".into() } else { "the local Workers KV of `wrangler dev`".into() }
    }

    /// KV serves an old value for a minute or so.
    fn reads_its_writes(&self) -> bool {
        false
    }

    fn keys(&self) -> Result<MasterKeys> {
        if self.remote {
            return from_environment();
        }
        let (keys, made) = self.dev_vars().keys_or_new()?;
        if made == Made::Now {
            console::note(&format!("made a key for local runs in {}", self.dev_vars.path().display()));
        }
        Ok(keys)
    }

    fn next_keys(&self) -> Result<MasterKeys> {
        let keys = self.keys()?;
        if !self.remote {
            return Ok(keys.next());
        }
        if keys.previous.is_none() {
            bail!(
                "make a new key with `postern key create`, give both to the deployment with `npx wrangler secret put {KEY}` (the new \
                 one) and `npx wrangler secret put {KEY_PREVIOUS}` (the one before), and run this with both in the environment"
            );
        }
        Ok(keys)
    }

    fn keep_keys(&mut self, keys: &MasterKeys) -> Result<()> {
        if self.remote { Ok(()) } else { self.dev_vars().keep(keys) }
    }

    fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.read(&[key.to_owned()])?.into_iter().next().map(|(_, value)| value))
    }

    fn list(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>> {
        let names: Vec<Name> = self.wrangler.json(&["key", "list", "--prefix", prefix])?;
        let keys: Vec<String> = names.into_iter().map(|name| name.name).collect();
        self.read(&keys)
    }

    fn write(&mut self, writes: &[StoreWrite]) -> Result<()> {
        let (mut puts, mut deletes) = (Vec::new(), Vec::new());
        for write in writes {
            match write {
                StoreWrite::Put { key, value } => {
                    let value = std::str::from_utf8(value).with_context(|| format!("the value of {key} is not text"))?;
                    puts.push(json!({ "key": key, "value": value }));
                }
                StoreWrite::Delete { key } => deletes.push(key),
            }
        }
        if !puts.is_empty() {
            self.bulk("put", &serde_json::to_vec(&puts)?, &[])?;
        }
        if !deletes.is_empty() {
            self.bulk("delete", &serde_json::to_vec(&deletes)?, &["--force"])?;
        }
        Ok(())
    }
}

impl Cloudflare {
    fn bulk(&self, verb: &str, content: &[u8], flags: &[&str]) -> Result<()> {
        let file = private_file::temporary(content)?;
        let path = file.path().to_str().context("the temporary folder's name is not UTF-8")?;
        let mut arguments = vec!["bulk", verb, path];
        arguments.extend(flags);
        self.wrangler.run(&arguments).map(drop)
    }
}

fn from_environment() -> Result<MasterKeys> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty()).map(Zeroizing::new);
    let current = variable(KEY).with_context(|| {
        format!("--remote needs the deployment's {KEY} in the environment (`npx wrangler secret put {KEY}` gave it to the deployment)")
    })?;
    let previous = variable(KEY_PREVIOUS);
    MasterKeys::parse(&current, previous.as_ref().map(|text| text.as_str()), "the environment")
}
