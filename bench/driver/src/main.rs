//! `postern-bench`: measures Postern beside a bare pass-through on each of its hosts. `bench/README.md` says how to read it.

mod call;
mod cold;
mod connection;
mod fixture;
mod growth;
mod host;
mod launch;
mod load;
mod measure;
mod options;
mod peers;
mod process;
mod report;
mod sizes;
mod soak;
mod stamp;
mod upstream;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::LocalSet;

use cold::Cold;
use fixture::Fixture;
use options::{Host, Options, USAGE};
use peers::Peer;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).peekable();
    let outcome = if arguments.next_if_eq("growth").is_some() {
        growth::run(arguments)
    } else if arguments.next_if_eq("soak").is_some() {
        root().and_then(|root| bounded(soak::run(arguments, &root)))
    } else {
        match Options::parse(arguments) {
            Ok(options) => run(&options),
            Err(error) => {
                eprintln!("{error:#}\n\n{USAGE}\n\n{}\n\n{}", growth::USAGE, soak::USAGE);
                return ExitCode::from(2);
            }
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let root = root()?;
    if options.build {
        host::build(&options.hosts, &root)?;
    }
    let (peers, told) = if options.peers { peers::install(&options.hosts, &root) } else { Default::default() };
    for line in told {
        println!("{line}  ");
    }
    bounded(measure_all(options, &root, &peers))
}

fn root() -> Result<PathBuf> {
    Ok(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?)
}

/// Whatever ends first, the programs are killed as their values are dropped.
fn bounded(work: impl Future<Output = Result<()>>) -> Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let (mut interrupted, mut terminated) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        tokio::select! {
            outcome = work => outcome,
            _ = interrupted.recv() => bail!("interrupted"),
            _ = terminated.recv() => bail!("terminated"),
        }
    })
}

async fn measure_all(options: &Options, root: &Path, peers: &[Peer]) -> Result<()> {
    let upstream = upstream::start()?;
    let fixture = Fixture::new(root, "config.yaml", upstream)?;
    let (mut hosts, mut failures) = (Vec::new(), 0);
    for &host in &options.hosts {
        let (measured, failed) = measure_host(host, options, root, &fixture, peers).await?;
        hosts.push(measured);
        failures += failed;
    }
    if let Some(path) = &options.json {
        let machine = json!({ "cores": std::thread::available_parallelism()?.get(), "loadAverage": load_average() });
        let document = json!({ "machine": machine, "seconds": options.seconds.as_secs(), "hosts": hosts });
        std::fs::write(path, serde_json::to_string_pretty(&document)?)?;
    }
    ensure!(failures == 0, "{failures} measurements failed");
    Ok(())
}

/// What was measured, and how often that failed.
async fn measure_host(host: Host, options: &Options, root: &Path, fixture: &Fixture, peers: &[Peer]) -> Result<(Value, usize)> {
    eprintln!("{}: {} rounds, load average {}", host.name(), options.rounds, load_average().as_deref().unwrap_or("unknown"));
    let sizes = sizes::measure(host, root)?;
    let mut launches = host::launches(host, root, fixture, peers).await?;
    let cold = cold::measure(&launches, fixture, options).await;
    print!("{}", report::cold(host.name(), &cold, &sizes));
    ensure!(cold.first().is_some_and(Cold::starts), "there is nothing to compare with: the pass-through does not start");
    launches.retain(|launch| cold.iter().any(|cold| cold.name == launch.name() && cold.starts()));
    let programs = host::start(&launches, fixture).await?;
    let measured = measure::measure(&programs, options).await;
    let names: Vec<_> = programs.iter().map(|program| program.name).collect();
    print!("{}", report::loads(host.name(), &names, &measured));
    launch::stop(programs).await?;
    let failures = measured.iter().map(|measured| measured.failures.len()).sum::<usize>();
    let failures = failures + cold.iter().filter(|cold| cold.failure.is_some()).count();
    Ok((report::json(host.name(), &names, &measured, &cold, &sizes), failures))
}

/// Of the last minute: how much else the machine had to do.
fn load_average() -> Option<String> {
    let text = std::fs::read_to_string("/proc/loadavg").ok()?;
    text.split_whitespace().next().map(str::to_owned)
}
