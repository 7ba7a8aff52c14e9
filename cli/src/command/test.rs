use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use postern_cases::memory::MemoryTarget;
use postern_cases::{Outcome, load};
use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;

use crate::args::Test;
use crate::console;

/// How many cases there were of each outcome.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    skipped: usize,
}

pub fn run(args: &Test) -> Result<ExitCode> {
    let files = files(&args.paths)?;
    let runtime = Builder::new_current_thread().enable_all().build().context("the cases cannot be run")?;
    let mut tally = Tally::default();
    for file in &files {
        run_file(file, args.filter.as_deref(), &runtime, &mut tally)?;
    }
    let Tally { passed, failed, skipped } = tally;
    if passed + failed + skipped == 0 {
        bail!("there is no case {}", if args.filter.is_some() { "that --filter selects" } else { "in these files" });
    }
    console::note(&format!("{passed} passed, {failed} failed, {skipped} skipped"));
    Ok(if failed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        files.extend(load::find(path).map_err(|why| anyhow!(why)).context("there are no cases to read")?);
    }
    Ok(files)
}

/// A file that is no case fails like a case that does not hold, so that the others are run nevertheless.
fn run_file(path: &Path, filter: Option<&str>, runtime: &Runtime, tally: &mut Tally) -> Result<()> {
    let is_selected = |name: &str| filter.is_none_or(|text| name.contains(text) || path.to_string_lossy().contains(text));
    let file = match load::read(path) {
        Ok(file) if is_selected(&file.case.name) => file,
        Err(why) if is_selected("") => {
            tally.failed += 1;
            return console::result(&format!("FAILED  {}\n    {why}\n", path.display()));
        }
        _ => return Ok(()),
    };
    let case = postern_cases::run(&file.case, file.folder(), &MemoryTarget);
    let title = format!("{} ({})", file.case.name.trim(), path.display());
    match LocalSet::new().block_on(runtime, case) {
        Outcome::Passed => {
            tally.passed += 1;
            console::result(&format!("ok      {title}\n"))
        }
        Outcome::Skipped(needs) => {
            tally.skipped += 1;
            console::result(&format!("skipped {title}: in memory there is no {needs:?}\n"))
        }
        Outcome::Failed(mismatches) => {
            tally.failed += 1;
            let why: String = mismatches.iter().map(|text| format!("    {}\n", text.replace('\n', "\n    "))).collect();
            console::result(&format!("FAILED  {title}\n{why}"))
        }
    }
}
