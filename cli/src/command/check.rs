use std::process::ExitCode;

use anyhow::Result;
use postern_core::compile::{Options, Unprotected};

use crate::args::Check;
use crate::{configuration, console, host};

pub fn run(args: &Check) -> Result<ExitCode> {
    let manifest = configuration::read(&args.paths)?;
    // Whether there is a key is no property of the files.
    let options = Options { for_host: args.host.map(host::compile_for), protect: Some(&Unprotected), ..Options::default() };
    let (_, report) = manifest.compile(options);
    if args.verbose {
        for document in manifest.not_needed() {
            console::note(&format!("{document} only says how parts of Gloo's own find each other, and needs nothing here"));
        }
    }
    if args.output.is_json() {
        console::json(&report.to_json())?;
    } else {
        console::note(report.render(console::has_colours()).trim_end());
    }
    Ok(if report.errors() > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
