use std::process::ExitCode;

use anyhow::Result;
use postern_core::auth;
use postern_core::platform::Clock;
use postern_native::{OperatingSystemRandom, SystemClock};

use crate::args::Rotate;
use crate::{console, credential, domain, target};

pub fn run(args: &Rotate) -> Result<ExitCode> {
    let mut target = target::open(&args.target)?;
    let domain = domain::find(&args.target.config, target.as_ref())?;
    let ring = target.keys()?.ring(&domain);
    let material = credential::read(target.as_ref(), &ring, &args.name)?;
    let had_two = material.secrets.len() > 1;
    let issued = auth::rotate(&ring, &OperatingSystemRandom::default(), SystemClock.now(), material, None)?;
    target.write(&issued.writes)?;
    credential::show(&issued.plaintext, args.output)?;
    let old = if had_two { "The older one of its two secrets has ended; the other" } else { "Its secret before this one" };
    console::note(&format!("Rotated the credential `{}` in {}. {old} stays valid until the next rotation.", args.name, target.name()));
    Ok(ExitCode::SUCCESS)
}
