use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use postern_core::compile::{Options, Unprotected};

use crate::args::Import;
use crate::{configuration, console};

pub fn run(args: &Import) -> Result<ExitCode> {
    let manifest = configuration::read(&args.paths)?;
    // Whether there is a key is no property of the files.
    let (snapshot, report) = manifest.compile(Options { protect: Some(&Unprotected), ..Options::default() });
    configuration::show(&report);
    if snapshot.is_none() {
        return Ok(ExitCode::FAILURE);
    }
    let imported = manifest.imported();
    if imported.is_empty() {
        console::note("there is nothing to import: none of the documents is of a kind of Gloo's");
    }
    let yaml = imported.to_yaml().map_err(|why| anyhow!(why)).context("the resources cannot be written as YAML")?;
    console::result(&yaml)?;
    Ok(ExitCode::SUCCESS)
}
