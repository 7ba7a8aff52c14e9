use std::process::ExitCode;

use anyhow::{Result, bail};
use postern_core::platform::Clock;
use postern_core::resource::AnyResource;
use postern_core::secret::{KeyRing, SecretName, open};
use postern_native::SystemClock;

use crate::args::{Target, TargetKind};
use crate::reseal::Entries;
use crate::{configuration, console, domain, target};

pub fn run(args: &Target) -> Result<ExitCode> {
    let mut target = target::open(args)?;
    let domain = domain::find(&args.config, target.as_ref())?;
    let old = target.keys()?.ring(&domain);
    // Everything is opened and checked before anything is written.
    let entries = Entries::read(target.as_ref(), &old)?;
    let keys = target.next_keys()?;
    let new = keys.ring(&domain);
    let ended = entries.ended_by(&old, &new, SystemClock.now());
    if !ended.is_empty() {
        bail!(
            "these credentials have a secret from before the last rotation, which another would end: {}. `postern rotate NAME`, twice, \
             or `postern delete credential NAME`, then try again",
            ended.join(", ")
        );
    }
    let in_files = sealed_in_files(args, &old)?;
    if let Some((name, _)) = in_files.iter().find(|(name, sealed)| open(&new, name, sealed).is_err()) {
        bail!(
            "the Secret `{0}` is sealed under the key before the current one: make it anew with `postern create secret {0} --sealed`",
            name.as_str()
        );
    }
    // The keys first: with the old one as the previous, what is not sealed anew yet can still be opened.
    target.keep_keys(&keys)?;
    let writes = entries.writes(target.as_ref(), &new)?;
    target.write(&writes)?;
    console::note(&format!("Sealed {} entries of {} under the new key {}.", entries.len(), target.name(), keys.current.id()));
    console::note("The key before it still opens and verifies, until the next rotation.");
    if !in_files.is_empty() {
        let names: Vec<&str> = in_files.iter().map(|(name, _)| name.as_str()).collect();
        console::warning(&format!(
            "sealed Secrets in files keep the old key: make them anew before the next rotation ({})",
            names.join(", ")
        ));
    }
    console::note(next_step(args.to));
    Ok(ExitCode::SUCCESS)
}

/// The Secrets of the configuration that the old keys open.
fn sealed_in_files(args: &Target, old: &KeyRing) -> Result<Vec<(SecretName, String)>> {
    if !args.config.exists() {
        return Ok(Vec::new());
    }
    let manifest = configuration::read(std::slice::from_ref(&args.config))?;
    let secrets = manifest.resources().iter().filter_map(|(_, resource)| match resource {
        AnyResource::Secret(secret) => Some((SecretName::parse(&secret.metadata.name).ok()?, secret.spec.sealed.clone()?)),
        _ => None,
    });
    Ok(secrets.filter(|(name, sealed)| open(old, name, sealed).is_ok()).collect())
}

fn next_step(to: TargetKind) -> &'static str {
    match to {
        TargetKind::Local => "Restart a running `postern serve` now: it does not know the new key.",
        TargetKind::Cloudflare => "A deployment must have both keys; restart a running `wrangler dev`.",
        TargetKind::Spin => "A Spin that is running does not know the new key.",
    }
}
