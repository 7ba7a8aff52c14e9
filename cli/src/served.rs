//! What `serve` serves: files, and what was applied to the local store.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use postern_core::compile::Options;
use postern_core::platform::Clock;
use postern_core::publish::Pointer;
use postern_core::secret::{KeyRing, SecretName, open};
use postern_native::{SystemClock, Watcher, watch, watch_paths};

use crate::args::Host;
use crate::configuration::{Applied, DEFAULT_DOMAIN, domain_of, pointer};
use crate::target::{Local, Target};
use crate::{configuration, console, host};

/// Time between two looks at what was applied.
const INTERVAL: Duration = Duration::from_millis(500);

pub struct Served {
    paths: Vec<PathBuf>,
    data: PathBuf,
    publish: watch::Sender<Arc<str>>,
    /// What was applied when it was last looked at. Locked while a configuration is made, so that the last one read is the last sent.
    seen: Mutex<Option<Pointer>>,
}

/// Looks for changes until it is dropped.
pub struct Watching {
    _files: Watcher,
    _store: Sender<()>,
}

impl Served {
    /// The compiled configuration, and from now on each change of it that has no errors. `None` when it has errors now, which have been
    /// shown.
    ///
    /// # Errors
    /// When files or the store cannot be read, or not be watched.
    pub fn start(paths: &[PathBuf], data: &Path) -> Result<Option<(watch::Receiver<Arc<str>>, Watching)>> {
        let (publish, snapshots) = watch::channel(Arc::default());
        let served = Arc::new(Self { paths: paths.to_owned(), data: data.to_owned(), publish, seen: Mutex::default() });
        // Watched before they are read, so that no change falls in between.
        let on_files = served.clone();
        let files = watch_paths(served.paths.clone(), move || on_files.reload()).context("the configuration cannot be watched")?;
        if !served.load()? {
            return Ok(None);
        }
        let store = watch_store(served)?;
        Ok(Some((snapshots, Watching { _files: files, _store: store })))
    }

    fn reload(&self) {
        match self.load() {
            Ok(true) => {}
            Ok(false) => console::warning("the changed configuration is not taken; the one before stays in force"),
            Err(error) => console::warning(&format!("the changed configuration is not taken: {error:#}")),
        }
    }

    /// Compiles everything and sends it; false when there are errors, which have been shown.
    fn load(&self) -> Result<bool> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut manifest = configuration::read(&self.paths)?;
        let local = Local::open(&self.data)?;
        *seen = pointer(&local)?;
        if let Some(applied) = Applied::read(&local)? {
            applied.add_to(&mut manifest);
        }
        let domain = domain_of(&manifest).unwrap_or_else(|| DEFAULT_DOMAIN.to_owned());
        let ring = local.keys()?.ring(&domain);
        let known = stored_secrets(&local, &ring)?;
        let options = Options {
            generation: SystemClock.now().seconds(),
            for_host: Some(host::compile_for(Host::Native)),
            known: Some(&known),
            ..Options::default()
        };
        let Some(snapshot) = configuration::compile(&manifest, options, Some(&ring)) else { return Ok(false) };
        self.publish.send_replace(serde_json::to_string(&snapshot)?.into());
        Ok(true)
    }
}

/// The secrets of the store, which references may name. Those that cannot be opened are told of before a request fails for them.
fn stored_secrets(local: &Local, ring: &KeyRing) -> Result<BTreeSet<(String, String)>> {
    let mut known = BTreeSet::new();
    for (key, sealed) in local.list("secret/")? {
        let Some(name) = key.strip_prefix("secret/").and_then(|name| SecretName::parse(name).ok()) else { continue };
        known.insert(("Secret".to_owned(), name.as_str().to_owned()));
        if !std::str::from_utf8(&sealed).is_ok_and(|sealed| open(ring, &name, sealed).is_ok()) {
            let name = name.as_str();
            console::warning(&format!("the stored secret `{name}` was sealed for another domain or key: `postern create secret {name}`"));
        }
    }
    Ok(known)
}

/// Looks at the pointer rather than at the store's file, which changes with every revoked token.
fn watch_store(served: Arc<Served>) -> Result<Sender<()>> {
    let local = Local::open(&served.data)?;
    let (stop, stopped) = channel::<()>();
    let look = move || {
        while stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
            // A store that does not answer now may do so at the next look.
            let Ok(now) = pointer(&local) else { continue };
            let is_new = now != *served.seen.lock().unwrap_or_else(PoisonError::into_inner);
            if is_new {
                served.reload();
            }
        }
    };
    thread::Builder::new().name("postern-applied".into()).spawn(look).context("the store cannot be watched")?;
    Ok(stop)
}
