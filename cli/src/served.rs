//! What `serve` serves: files, and what was applied to the local store.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use postern_core::compile::Options;
use postern_core::platform::Clock;
use postern_core::secret::{SecretName, open};
use postern_native::{SystemClock, Watcher, watch_paths};

use crate::configuration::{Applied, DEFAULT_DOMAIN, domain_of, pointer};
use crate::target::{Local, Target};
use crate::{configuration, console, host};

/// Time between two looks at what was applied.
const INTERVAL: Duration = Duration::from_millis(500);

#[derive(Clone)]
pub struct Served {
    paths: Vec<PathBuf>,
    data: PathBuf,
}

/// Looks for changes until it is dropped.
pub struct Watching {
    _files: Watcher,
    _store: Sender<()>,
}

impl Served {
    pub fn new(paths: &[PathBuf], data: &Path) -> Self {
        Self { paths: paths.to_owned(), data: data.to_owned() }
    }

    /// Compiles everything. `None` when there are errors, which have been shown.
    ///
    /// # Errors
    /// When files or the store cannot be read.
    pub fn load(&self) -> Result<Option<Arc<str>>> {
        let mut manifest = configuration::read(&self.paths)?;
        let local = Local::open(&self.data)?;
        if let Some(applied) = Applied::read(&local)? {
            applied.add_to(&mut manifest);
        }
        let domain = domain_of(&manifest).unwrap_or_else(|| DEFAULT_DOMAIN.to_owned());
        let ring = local.keys()?.ring(&domain);
        let mut known = std::collections::BTreeSet::new();
        for (key, sealed) in local.list("secret/")? {
            let Some(name) = key.strip_prefix("secret/") else { continue };
            known.insert(("Secret".to_owned(), name.to_owned()));
            let opened =
                SecretName::parse(name).ok().zip(std::str::from_utf8(&sealed).ok()).map(|(name, sealed)| open(&ring, &name, sealed));
            if !matches!(opened, Some(Ok(_))) {
                console::warning(&format!(
                    "the stored secret `{name}` was sealed for another domain or key: `postern create secret {name}`"
                ));
            }
        }
        let options = Options {
            generation: SystemClock.now().seconds(),
            for_host: Some(host::compile_for(crate::args::Host::Native)),
            known: Some(&known),
            ..Options::default()
        };
        let Some(snapshot) = configuration::compile(&manifest, options, Some(&ring)) else { return Ok(None) };
        Ok(Some(serde_json::to_string(&snapshot)?.into()))
    }

    /// Compiles again after each change, and hands over what has no errors.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn watch(&self, publish: impl Fn(Arc<str>) + Send + Sync + 'static) -> Result<Watching> {
        let served = self.clone();
        let reload = Arc::new(move || match served.load() {
            Ok(Some(snapshot)) => publish(snapshot),
            Ok(None) => console::warning("the changed configuration is not taken; the one before stays in force"),
            Err(error) => console::warning(&format!("the changed configuration is not taken: {error:#}")),
        });
        let on_files = reload.clone();
        let files = watch_paths(self.paths.clone(), move || on_files()).context("the configuration cannot be watched")?;
        let store = self.watch_store(move || reload())?;
        Ok(Watching { _files: files, _store: store })
    }

    /// Looks at the pointer rather than at the store's file, which changes with every revoked token.
    fn watch_store(&self, changed: impl Fn() + Send + 'static) -> Result<Sender<()>> {
        let local = Local::open(&self.data)?;
        let (stop, stopped) = channel::<()>();
        let mut last = pointer(&local)?;
        let look = move || {
            while stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                // A store that does not answer now may do so at the next look.
                if let Ok(now) = pointer(&local)
                    && now != last
                {
                    last = now;
                    changed();
                }
            }
        };
        thread::Builder::new().name("postern-applied".into()).spawn(look).context("the store cannot be watched")?;
        Ok(stop)
    }
}
