use std::process::ExitCode;

use anyhow::{Context, Result};
use postern_core::auth::StoreWrite;
use postern_core::secret::{SecretName, seal};
use postern_native::OperatingSystemRandom;

use crate::args::{CreateSecret, TargetKind};
use crate::{console, domain, secret_input, target};

pub fn run(args: &CreateSecret) -> Result<ExitCode> {
    let name = SecretName::parse(&args.name).with_context(|| format!("`{}` is not a secret's name", args.name))?;
    let value = secret_input::read(args.from_file.as_deref())?;
    let mut target = target::open(&args.target)?;
    let domain = domain::find(&args.target.config, target.as_ref())?;
    let ring = target.keys()?.ring(&domain);
    let sealed = seal(&ring, &OperatingSystemRandom::default(), &name, &value).context("the secret cannot be sealed")?;
    if args.sealed {
        console::result(&format!("kind: Secret\nmetadata:\n  name: {}\nspec:\n  sealed: {sealed}\n", name.as_str()))?;
        console::note(&format!(
            "Sealed for the domain {domain} with the key of {}. Add it to the configuration; it is safe to commit.",
            target.name()
        ));
        return Ok(ExitCode::SUCCESS);
    }
    target.write(&[StoreWrite::Put { key: name.store_key(), value: sealed.into_bytes() }])?;
    console::note(&format!(
        "Stored `{0}` for the domain {domain} in {1}.\nA Service sends it with\n  config:\n    http:\n      auth:\n        bearer:\n          \
         fromSecret: {0}",
        name.as_str(),
        target.name()
    ));
    if args.target.to == TargetKind::Cloudflare {
        console::note("Instances that have the old value or none take it within 90 seconds.");
    }
    Ok(ExitCode::SUCCESS)
}
