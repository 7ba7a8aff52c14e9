//! `postern-bench soak`: mixed traffic for minutes, with reloads of the configuration under way. Every answer is compared with its
//! request; what is lost, doubled, misrouted or left open is counted, and memory is watched.

mod provider;
mod reload;
mod traffic;

use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::task::spawn_local;

use crate::call::access_token;
use crate::fixture::Fixture;
use crate::host;
use crate::options::{Host, positive};
use crate::process::Process;
use crate::report;
use provider::Provider;
use reload::Reloads;
use traffic::{Seen, Traffic};

pub const USAGE: &str = "usage: postern-bench soak [native|workerd|spin]... [--minutes N] [--connections N] [--no-build]

Sends mixed traffic through each host that is named, default all three, and checks every answer.
  --minutes N      for each host, default 5
  --connections N  default 16
  --no-build       takes what is built, however old it is";

/// Between two looks at the process's memory.
const LOOK: Duration = Duration::from_secs(2);
/// Between two configurations. The gateways take one within 2 s.
const RELOAD: Duration = Duration::from_secs(5);
/// For what is under way when the traffic ends.
const SETTLE: Duration = Duration::from_secs(3);

struct Options {
    hosts: Vec<Host>,
    time: Duration,
    connections: usize,
    build: bool,
}

/// # Errors
/// For wrong usage, and when an answer was not what its request asked for.
pub async fn run(arguments: impl Iterator<Item = String>, root: &Path) -> Result<()> {
    let options = parse(arguments)?;
    if options.build {
        host::build(&options.hosts, root)?;
    }
    println!("| host | requests | wrong | doubled | left open | reloads | memory after a quarter, MB | at the end, MB |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    let mut is_well = true;
    for &host in &options.hosts {
        is_well &= soak(host, &options, root).await.with_context(|| host.name())?;
    }
    ensure!(is_well, "not everything was right");
    Ok(())
}

async fn soak(host: Host, options: &Options, root: &Path) -> Result<bool> {
    let provider = Provider::start()?;
    let fixture = Rc::new(Fixture::new(root, "soak.yaml", provider.address)?);
    let mut process = host::start_postern(host, root, &fixture)?;
    process.ready().await?;
    let token = access_token(process.address, &fixture.client_id, &fixture.client_secret).await?;
    let reloads = Reloads::of(host, fixture.clone());
    let traffic = Rc::new(Traffic::new(process.address, token, provider.clone(), reloads.clone()));
    let until = Instant::now() + options.time;
    let workers: Vec<_> = (0..options.connections).map(|number| spawn_local(traffic.clone().send(number, until))).collect();
    let memory = watch(&process, &reloads, until).await?;
    let mut seen = Seen::default();
    for worker in workers {
        seen.add(worker.await?);
    }
    tokio::time::sleep(SETTLE).await;
    let (doubled, open) = (provider.doubled(), provider.open());
    let (quarter, end) = (of_quarter(&memory, 1), of_quarter(&memory, 3));
    println!(
        "| {} | {} | {} | {doubled} | {open} | {} | {quarter:.0} | {end:.0} |",
        host.name(),
        seen.requests,
        seen.wrong.len(),
        reloads.count()
    );
    for wrong in seen.wrong.iter().take(10) {
        eprintln!("wrong: {wrong}");
    }
    ensure!(seen.requests > 0, "no request was sent");
    process.stop().await?;
    Ok(seen.wrong.is_empty() && doubled == 0 && open == 0)
}

/// Reloads now and then, and notes how much memory the process has, in megabytes.
async fn watch(process: &Process, reloads: &Reloads, until: Instant) -> Result<Vec<f64>> {
    let (mut memory, mut last) = (Vec::new(), Instant::now());
    while Instant::now() < until {
        tokio::time::sleep(LOOK).await;
        if last.elapsed() > RELOAD {
            reloads.next().await?;
            last = Instant::now();
        }
        memory.extend(process.memory().map(|bytes| bytes as f64 / 1e6));
    }
    Ok(memory)
}

/// The median of one of four parts of the time: what a single look shows depends on when it was.
fn of_quarter(memory: &[f64], quarter: usize) -> f64 {
    let length = (memory.len() / 4).max(1);
    let mut part: Vec<f64> = memory.iter().skip(quarter * length).take(length).copied().collect();
    part.sort_by(f64::total_cmp);
    report::median(&part)
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Options> {
    let mut options = Options { hosts: Vec::new(), time: Duration::from_secs(300), connections: 16, build: true };
    while let Some(argument) = arguments.next() {
        let mut number = || positive(&arguments.next().with_context(|| format!("{argument} needs a value"))?);
        match argument.as_str() {
            "--minutes" => options.time = Duration::from_secs(60 * number()?),
            "--connections" => options.connections = usize::try_from(number()?)?,
            "--no-build" => options.build = false,
            name => options.hosts.push(Host::parse(name).context(USAGE)?),
        }
    }
    options.hosts = Host::or_all(options.hosts);
    Ok(options)
}
