use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use postern_core::compile::{Options, restore};
use postern_core::platform::Clock;
use postern_core::resource::{Gateway, Metadata, Resource};
use postern_core::snapshot::{Snapshot, Table};
use postern_manifest::Manifest;
use postern_native::SystemClock;

use crate::args::{self, Apply, Host, TargetKind};
use crate::configuration::{Applied, Difference, Identity, ORIGIN, domain_of, identities, identity, origins};
use crate::lock::{self, Lock};
use crate::target::Target;
use crate::{configuration, console, domain, host, spin_manifest, target};

pub fn run(args: &Apply) -> Result<ExitCode> {
    let mut target = target::open(&args.target)?;
    let mut manifest = configuration::read(&args.paths)?;
    // With --prune nothing of what was there matters, so that it also mends what cannot be read.
    let before = if args.prune { None } else { Applied::read(target.as_ref())? };
    if let Some(before) = &before {
        let new = identities(&manifest);
        let kept = before.resources().into_iter().filter(|resource| !new.contains(&identity(resource)));
        kept.for_each(|resource| manifest.add(ORIGIN, resource));
    }
    let served = add_served(&args.target, &mut manifest)?;
    let domain = match domain_of(&manifest) {
        Some(domain) => domain,
        None => domain::find(&args.target.config, target.as_ref())?,
    };
    let ring = target.keys()?.ring(&domain);
    let options = Options {
        generation: next_generation(target.as_ref())?,
        for_host: Some(host::compile_for(host_of(args.target.to))),
        refuse_open: args.target.remote,
        ..Options::default()
    };
    let Some(snapshot) = configuration::compile(&manifest, options, Some(&ring)) else {
        return Ok(ExitCode::FAILURE);
    };
    let snapshot = without(snapshot, &served);
    check_deployment(args.target.to, &snapshot, &domain)?;
    let writes = configuration::publication(target.as_ref(), &ring, &snapshot)?;
    target.write(&writes)?;
    let change = Difference::between(&before.map(|before| before.resources()).unwrap_or_default(), &restore(&snapshot));
    console::note(&format!("Applied to {}: {change} (generation {}).", target.name(), snapshot.generation));
    console::note(in_force(args.target.to));
    Ok(ExitCode::SUCCESS)
}

/// Locally, what is applied comes beside the files that `serve` reads, so both are compiled together. A resource in both would be a
/// contradiction. Returns those that are not to be published.
fn add_served(args: &args::Target, manifest: &mut Manifest) -> Result<BTreeSet<Identity>> {
    if args.to != TargetKind::Local || !args.config.exists() {
        return Ok(BTreeSet::new());
    }
    let config = std::slice::from_ref(&args.config);
    let served = identities(&configuration::read(config)?);
    if let Some((kind, name)) = identities(manifest).intersection(&served).next() {
        // There is one Gateway, which counts as the same by whatever name.
        let name = if name.is_empty() { String::new() } else { format!(" `{name}`") };
        bail!(
            "{kind}{name} is in {} already, which `postern serve` reads by itself: apply what is not there, or name another --config",
            args.config.display()
        );
    }
    configuration::add(manifest, config)?;
    Ok(served)
}

fn without(mut snapshot: Snapshot, served: &BTreeSet<Identity>) -> Snapshot {
    let is_served = |kind: &str, name: &str| served.contains(&(kind.to_owned(), name.to_owned()));
    let tables: [(&str, &mut Table); 7] = [
        ("Service", &mut snapshot.services),
        ("Namespace", &mut snapshot.namespaces),
        ("User", &mut snapshot.users),
        ("Group", &mut snapshot.groups),
        ("Policy", &mut snapshot.policies),
        ("Credential", &mut snapshot.credentials),
        ("Secret", &mut snapshot.secrets),
    ];
    for (kind, table) in tables {
        table.retain(|name, _| !is_served(kind, name));
    }
    if is_served("Gateway", "") {
        let metadata = Metadata { name: "default".into(), ..Metadata::default() };
        snapshot.gateway = Resource { api_version: None, kind: "Gateway".into(), metadata, spec: Gateway::default() };
    }
    snapshot
}

/// Refuses what the deployment could not serve although nothing is wrong with it.
fn check_deployment(to: TargetKind, snapshot: &Snapshot, domain: &str) -> Result<()> {
    if snapshot.domain != domain {
        bail!("what is applied replaces the whole configuration, and has no Gateway for the domain {domain}: apply the Gateway too");
    }
    let mend = match to {
        TargetKind::Local => None,
        TargetKind::Cloudflare => Some("`wrangler deploy`"),
        TargetKind::Spin => Some("`spin build`"),
    };
    if let Some(mend) = mend
        && let Some(lock) = Lock::read(Path::new(lock::FILE))?
    {
        lock::refuse_missing(&lock, snapshot, mend)?;
    }
    let missing =
        if to == TargetKind::Spin { spin_manifest::missing(Path::new("spin.toml"), &origins(snapshot))? } else { BTreeSet::new() };
    if let Some(origin) = missing.first() {
        bail!("spin.toml does not allow calls to {origin}: `postern build --for spin` over the new configuration mends it");
    }
    Ok(())
}

/// By the clock, as for a build, so that the newer of the two is in force; but always above the one before.
fn next_generation(target: &dyn Target) -> Result<u64> {
    let before = configuration::pointer(target)?.map_or(0, |pointer| pointer.generation);
    let next = before.checked_add(1).context("the published generation is the last possible one")?;
    Ok(next.max(SystemClock.now().seconds()))
}

fn host_of(to: TargetKind) -> Host {
    match to {
        TargetKind::Local => Host::Native,
        TargetKind::Cloudflare => Host::Cloudflare,
        TargetKind::Spin => Host::Spin,
    }
}

fn in_force(to: TargetKind) -> &'static str {
    match to {
        TargetKind::Local => "A running `postern serve` takes it within a second.",
        TargetKind::Cloudflare => "It replaces the configuration that was built in, within 90 seconds.",
        TargetKind::Spin => "It replaces the configuration that was built in.",
    }
}
