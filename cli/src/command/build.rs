use std::path::Path;
use std::process::ExitCode;
use std::{fs, io};

use anyhow::{Context, Result, bail};
use postern_core::compile::Options;
use postern_core::platform::Clock;
use postern_core::secret::{KEY, KEY_PREVIOUS};
use postern_core::snapshot::Snapshot;
use postern_native::{SystemClock, data};
use zeroize::Zeroizing;

use crate::args::{Build, Host};
use crate::configuration::{DEFAULT_DOMAIN, domain_of, origins};
use crate::keys::MasterKeys;
use crate::lock::{self, Lock};
use crate::target::{DevVars, KeyFile, Made, SpinVariables, local_keys};
use crate::{configuration, console, containers, host, spin_manifest};

pub fn run(args: &Build) -> Result<ExitCode> {
    let manifest = configuration::read(&args.paths)?;
    let domain = domain_of(&manifest).unwrap_or_else(|| DEFAULT_DOMAIN.to_owned());
    let ring = keys(args)?.map(|keys| keys.ring(&domain));
    // By the clock, so that of a deployment and what was applied to its store the newer one is in force.
    let generation = SystemClock.now().seconds();
    let is_local = args.dev && !is_deployment();
    let options = Options { generation, for_host: args.host.map(host::compile_for), refuse_open: !is_local, ..Options::default() };
    let Some(snapshot) = configuration::compile(&manifest, options, ring.as_ref()) else {
        return Ok(ExitCode::FAILURE);
    };
    write(&args.out, &snapshot)?;
    if args.host == Some(Host::Cloudflare) && containers::deploy(&snapshot, &args.out, Path::new("wrangler.toml"))? && is_deployment() {
        bail!("wrangler.toml has changed, and wrangler has read the one before: run it again");
    }
    if matches!(args.host, Some(Host::Cloudflare | Host::Spin)) {
        Lock::of(&snapshot).write(Path::new(lock::FILE))?;
    }
    if args.host == Some(Host::Spin) {
        spin_manifest::allow(Path::new("spin.toml"), &origins(&snapshot))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The keys that plain secrets are sealed with. For local runs those of the host's own file, which is what they will be opened with; for
/// a deployment those of the environment, as the file's would be the wrong ones there.
fn keys(args: &Build) -> Result<Option<MasterKeys>> {
    if !args.dev || is_deployment() {
        return match (from_environment()?, args.host) {
            (Some(keys), _) => Ok(Some(keys)),
            (None, Some(Host::Native) | None) if args.data.join(data::KEY_FILE).exists() => local_keys(&args.data).map(Some),
            (None, _) => Ok(None),
        };
    }
    match args.host {
        Some(Host::Cloudflare) => of_file(&DevVars::find(None)),
        Some(Host::Spin) => of_file(&SpinVariables::here()),
        Some(Host::Native) | None => local_keys(&args.data).map(Some),
    }
}

/// Whether this is the build command of `wrangler deploy` rather than of `wrangler dev`; both run the same one.
fn is_deployment() -> bool {
    std::env::var("WRANGLER_COMMAND").is_ok_and(|command| command != "dev")
}

fn of_file(file: &dyn KeyFile) -> Result<Option<MasterKeys>> {
    let (keys, made) = file.keys_or_new()?;
    if made == Made::Now {
        console::note(&format!("made a key for local runs in {}", file.path().display()));
    }
    Ok(Some(keys))
}

fn from_environment() -> Result<Option<MasterKeys>> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty()).map(Zeroizing::new);
    let Some(current) = variable(KEY) else { return Ok(None) };
    let previous = variable(KEY_PREVIOUS);
    MasterKeys::parse(&current, previous.as_ref().map(|text| text.as_str()), "the environment").map(Some)
}

/// Writes the Snapshot, unless nothing but its generation would change: what is built from the file is then up to date.
fn write(path: &Path, snapshot: &Snapshot) -> Result<()> {
    let describe = || format!("{} cannot be written", path.display());
    let before = match fs::read_to_string(path) {
        Ok(text) => Snapshot::from_json(&text).ok(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error).with_context(describe),
    };
    if let Some(before) = before
        && serde_json::to_string(&Snapshot { generation: before.generation, ..snapshot.clone() })? == serde_json::to_string(&before)?
    {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).with_context(describe)?;
    // Moved into place, so that whoever watches the file never sees half of it.
    let draft = path.with_extension("new");
    fs::write(&draft, serde_json::to_string(snapshot)?).and_then(|()| fs::rename(&draft, path)).with_context(describe)
}
