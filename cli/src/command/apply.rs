use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use postern_core::auth::StoreWrite;
use postern_core::compile::{Options, canonical_name, restore};
use postern_core::platform::Clock;
use postern_core::resource::AnyResource;
use postern_core::secret::KeyRing;
use postern_core::snapshot::{CURRENT, Publication, Snapshot};
use postern_manifest::Manifest;
use postern_native::SystemClock;
use serde_json::Value;

use crate::args::{self, Apply, Host, TargetKind};
use crate::configuration::{Difference, domain_of, identity, origins, source};
use crate::target::Target;
use crate::{configuration, console, domain, host, spin_manifest, target};

/// Resources by kind and name.
type Identities = BTreeSet<(String, String)>;

pub fn run(args: &Apply) -> Result<ExitCode> {
    let mut target = target::open(&args.target)?;
    let mut manifest = configuration::read(&args.paths)?;
    // With --prune nothing of what was there matters, so that it also mends what cannot be read.
    let before = if args.prune { None } else { configuration::read_applied(target.as_ref())? };
    if let Some(before) = &before {
        let new = identities(&manifest);
        let kept = before.documents().iter().filter(|document| !new.contains(&identity_of_document(document))).map(source).collect();
        manifest.add(kept);
    }
    let domain = match domain_of(&manifest) {
        Some(domain) => domain,
        None => domain::find(&args.target.config, target.as_ref())?,
    };
    let known = known_to_serve(&args.target, &manifest)?;
    let ring = target.keys()?.ring(&domain);
    let options = Options {
        generation: next_generation(target.as_ref())?,
        for_host: Some(host::compile_for(host_of(args.target.to))),
        known: Some(&known),
        ..Options::default()
    };
    let Some(snapshot) = configuration::compile(&manifest, options, Some(&ring)) else {
        return Ok(ExitCode::FAILURE);
    };
    check_deployment(args.target.to, &snapshot, &domain)?;
    publish(target.as_mut(), &ring, &domain, &snapshot, args.target.to)?;
    let change = Difference::between(&before.map(|before| before.documents()).unwrap_or_default(), &restore(&snapshot));
    console::note(&format!("Published generation {} to {}: {change}.", snapshot.generation, target.name()));
    console::note(in_force(args.target.to));
    Ok(ExitCode::SUCCESS)
}

/// What `serve` reads from files beside what is applied to it. A resource in both would be a contradiction.
fn known_to_serve(args: &args::Target, manifest: &Manifest) -> Result<Identities> {
    if args.to != TargetKind::Local || !args.config.exists() {
        return Ok(Identities::new());
    }
    let served = identities(&configuration::read(std::slice::from_ref(&args.config))?);
    if let Some((kind, name)) = identities(manifest).intersection(&served).next() {
        bail!(
            "{kind} `{name}` is in {} already, which `postern serve` reads by itself: apply what is not there, or name another --config",
            args.config.display()
        );
    }
    Ok(served)
}

/// Refuses what the deployment could not serve although nothing is wrong with it.
fn check_deployment(to: TargetKind, snapshot: &Snapshot, domain: &str) -> Result<()> {
    if to != TargetKind::Local && snapshot.domain != domain {
        bail!("what is published replaces the whole configuration, and has no Gateway for the domain {domain}: apply the Gateway too");
    }
    let missing = if to == TargetKind::Spin { spin_manifest::missing(Path::new("spin.toml"), &origins(snapshot))? } else { BTreeSet::new() };
    if let Some(origin) = missing.first() {
        bail!("spin.toml does not allow calls to {origin}: `postern build --for spin` over the new configuration mends it");
    }
    Ok(())
}

fn publish(target: &mut dyn Target, ring: &KeyRing, domain: &str, snapshot: &Snapshot, to: TargetKind) -> Result<()> {
    let json = serde_json::to_string(snapshot)?;
    let publication = Publication::sign(ring, snapshot.generation, domain, &json);
    let mut writes = vec![
        // The content first: whoever reads the new name finds it.
        StoreWrite::Put { key: publication.content_key(), value: json.into_bytes() },
        StoreWrite::Put { key: CURRENT.to_owned(), value: serde_json::to_vec(&publication)? },
    ];
    let old = target.get(CURRENT)?.and_then(|stored| Publication::parse(&stored).ok()).map(|old| old.content_key());
    // KV serves the old name for a while, and its content must then still be there.
    if let Some(key) = old.filter(|key| to != TargetKind::Cloudflare && *key != publication.content_key()) {
        writes.push(StoreWrite::Delete { key });
    }
    target.write(&writes)
}

/// By the clock, as for a build, so that the newer of the two is in force; but always above the one before.
fn next_generation(target: &dyn Target) -> Result<u64> {
    let stored = target.get(CURRENT)?;
    let before = stored.and_then(|stored| Publication::parse(&stored).ok()).map_or(0, |publication| publication.generation);
    let next = before.checked_add(1).context("the published generation is the last possible one")?;
    Ok(next.max(SystemClock.now().seconds()))
}

fn identities(manifest: &Manifest) -> Identities {
    manifest.resources().iter().map(|(_, resource)| identity_of(resource)).collect()
}

/// A configuration has one Gateway, whatever its name.
fn identity_of(resource: &AnyResource) -> (String, String) {
    let name = match resource {
        AnyResource::Gateway(_) => String::new(),
        _ => canonical_name(resource).unwrap_or_default(),
    };
    (resource.kind().to_owned(), name)
}

fn identity_of_document(document: &Value) -> (String, String) {
    let (kind, name) = identity(document);
    (kind.to_owned(), if kind == "Gateway" { String::new() } else { name.to_owned() })
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
        TargetKind::Local => "A running `postern serve` takes it within seconds.",
        TargetKind::Cloudflare => "It replaces the configuration that was built in, within 90 seconds.",
        TargetKind::Spin => "It replaces the configuration that was built in.",
    }
}
