//! Which domain a target's entries are for: their keys are derived for it, so that a store of one gateway is worthless to another.

use std::path::Path;

use anyhow::{Result, bail};
use postern_core::compile::{Options, Unprotected};
use postern_manifest::Manifest;

use crate::configuration::{self, DEFAULT_DOMAIN};
use crate::target::Target;

/// The domain that the configuration's Gateway names, else that of what was applied to the target, else `localhost`. A configuration
/// need not exist.
///
/// # Errors
/// When the configuration has errors and may well name another domain, or the target cannot be read.
pub fn find(config: &Path, target: &dyn Target) -> Result<String> {
    if config.exists() {
        return of_files(&configuration::read(&[config.to_owned()])?, config, target);
    }
    of_applied(target)
}

/// As [`find`], of files that have been read.
///
/// # Errors
/// As [`find`].
pub fn of_files(manifest: &Manifest, config: &Path, target: &dyn Target) -> Result<String> {
    if let Some(domain) = configuration::domain_of(manifest) {
        return Ok(domain);
    }
    // A Gateway that cannot be read is not among the resources, and guessing would seal for the wrong domain.
    let (_, report) = manifest.compile(Options { protect: Some(&Unprotected), ..Options::default() });
    if report.errors() > 0 {
        bail!("{} has errors, so its domain is not known: `postern check {0}` shows them", config.display());
    }
    of_applied(target)
}

fn of_applied(target: &dyn Target) -> Result<String> {
    Ok(configuration::pointer(target)?.map_or_else(|| DEFAULT_DOMAIN.to_owned(), |pointer| pointer.audience))
}
