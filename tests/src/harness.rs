//! Runs all case files against a target, and reports them as `cargo test` does.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use postern_cases::format::Case;
use postern_cases::target::Target;
use postern_cases::{Outcome, load};
use tokio::runtime::Runtime;
use tokio::task::LocalSet;

use crate::target::HOSTS;

/// Why a target cannot run here, such as a tool that is not installed.
pub struct Missing(pub String);

/// The whole of a test binary. Arguments are parts of case names, as with `cargo test`; `--list` prints the names.
///
/// `threads` cases run at once, each thread with a target of its own. A target that is missing ignores every case, and fails them when `CI` is set: there, nothing may be left out silently.
pub fn main(threads: usize, make: impl Fn() -> Result<Box<dyn Target>, Missing> + Sync) -> ExitCode {
    let started = Instant::now();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let filters: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let all = match load::find(&root) {
        Ok(all) => all,
        Err(why) => return fail(&why),
    };
    let total = all.len();
    let cases: Vec<(String, PathBuf)> = all
        .into_iter()
        .map(|path| (name(&root, &path), path))
        .filter(|(name, _)| filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str())))
        .collect();
    if arguments.iter().any(|argument| argument == "--list") {
        cases.iter().for_each(|(name, _)| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    println!("\nrunning {} tests", cases.len());
    let missing = make().err().map(|Missing(why)| why);
    if let Some(why) = &missing {
        println!("this target cannot run here: {why}");
    }
    let results = match (&missing, std::env::var_os("CI")) {
        (None, _) => run_all(&cases, threads, &make),
        (Some(_), None) => vec![Verdict::Ignored(String::new()); cases.len()],
        (Some(why), Some(_)) => vec![Verdict::Failed(why.clone()); cases.len()],
    };
    report(&cases, &results, total, started)
}

#[derive(Clone)]
enum Verdict {
    Passed,
    Ignored(String),
    Failed(String),
}

fn run_all(cases: &[(String, PathBuf)], threads: usize, make: &(impl Fn() -> Result<Box<dyn Target>, Missing> + Sync)) -> Vec<Verdict> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(vec![Verdict::Failed("it did not run".into()); cases.len()]);
    std::thread::scope(|scope| {
        for _ in 0..threads.min(cases.len()) {
            scope.spawn(|| {
                let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
                // A target may hold a child process, which belongs to the runtime.
                let _context = runtime.enter();
                let Ok(target) = make() else { return };
                while let Some((index, (_, path))) = take(&next, cases) {
                    let verdict = catch_unwind(AssertUnwindSafe(|| run(path, target.as_ref(), &runtime)));
                    let verdict = verdict.unwrap_or_else(|_| Verdict::Failed("it panicked".into()));
                    if let Some(result) = results.lock().ok().as_mut().and_then(|results| results.get_mut(index)) {
                        *result = verdict;
                    }
                }
            });
        }
    });
    results.into_inner().unwrap_or_default()
}

fn take<'a, T>(next: &AtomicUsize, items: &'a [T]) -> Option<(usize, &'a T)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    items.get(index).map(|item| (index, item))
}

fn run(path: &Path, target: &dyn Target, runtime: &Runtime) -> Verdict {
    let file = match load::read(path) {
        Ok(file) => file,
        Err(why) => return Verdict::Failed(why),
    };
    match LocalSet::new().block_on(runtime, postern_cases::run(&file.case, file.folder(), target)) {
        Outcome::Passed => Verdict::Passed,
        Outcome::Skipped(_) if !can_run_somewhere(&file.case) => Verdict::Failed("no host has all that this case needs".into()),
        Outcome::Skipped(needs) => Verdict::Ignored(format!("{} lacks {needs:?}", target.name())),
        Outcome::Failed(mismatches) => {
            let lines: Vec<&str> = mismatches.iter().collect();
            Verdict::Failed(format!("{}\n  {}", file.case.name, lines.join("\n  ")))
        }
    }
}

/// A case that is skipped everywhere shows nothing.
fn can_run_somewhere(case: &Case) -> bool {
    let needs = postern_cases::needs(case);
    HOSTS.iter().any(|host| needs.iter().all(|need| host.has(*need)))
}

fn report(cases: &[(String, PathBuf)], results: &[Verdict], total: usize, started: Instant) -> ExitCode {
    let (mut passed, mut failed, mut ignored) = (0, 0, 0);
    for ((name, _), verdict) in cases.iter().zip(results) {
        match verdict {
            Verdict::Passed => {
                passed += 1;
                println!("test {name} ... ok");
            }
            Verdict::Ignored(why) if why.is_empty() => {
                ignored += 1;
                println!("test {name} ... ignored");
            }
            Verdict::Ignored(why) => {
                ignored += 1;
                println!("test {name} ... ignored, {why}");
            }
            Verdict::Failed(_) => {
                failed += 1;
                println!("test {name} ... FAILED");
            }
        }
    }
    let failures = || {
        cases.iter().zip(results).filter_map(|((name, _), verdict)| match verdict {
            Verdict::Failed(why) => Some((name, why)),
            _ => None,
        })
    };
    if failed > 0 {
        println!("\nfailures:\n");
        failures().for_each(|(name, why)| println!("---- {name} ----\n{why}\n"));
        println!("failures:");
        failures().for_each(|(name, _)| println!("    {name}"));
    }
    let word = if failed == 0 { "ok" } else { "FAILED" };
    let filtered = total - cases.len();
    let seconds = started.elapsed().as_secs_f32();
    println!(
        "\ntest result: {word}. {passed} passed; {failed} failed; {ignored} ignored; 0 measured; {filtered} filtered out; finished in {seconds:.2}s\n"
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// `area/case`
fn name(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).with_extension("").display().to_string()
}

fn fail(why: &str) -> ExitCode {
    println!("{why}");
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_must_have_a_host_that_can_run_it() {
        for (needs, is_good) in [("[]", true), ("[webSocket]", true), ("[moveClock, webSocket]", false), ("[ownHttp, storeAccess]", false)]
        {
            let case = load::parse(&format!("name: a\nneeds: {needs}\nsteps: [{{request: {{}}}}]\n"));
            assert_eq!(case.map(|case| can_run_somewhere(&case)), Ok(is_good), "{needs}");
        }
    }
}
