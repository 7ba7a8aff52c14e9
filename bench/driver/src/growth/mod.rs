//! `postern-bench growth`: how the gateway's own work grows with what it is given. In one process, on the platform in memory, with an
//! upstream that answers at once: what is left is the gateway.

mod axis;
mod chart;
mod machine;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::runtime::Builder;

use crate::report;
use axis::{AXES, Axis};
use machine::Machine;

pub const USAGE: &str = "usage: postern-bench growth [NAME]... [--rounds N] [--svg FILE]

Measures how a request's cost grows, in all ways or those that are named.
  --rounds N  rounds, default 5; in each, every size is measured once
  --svg FILE  draws a chart of it";

/// Of one size in one round.
const MEASURED: Duration = Duration::from_millis(150);
/// Requests whose mean is one sample, so that reading the clock costs nothing beside them.
const BATCH: u32 = 4;

/// What was seen at one size.
struct Row {
    size: usize,
    /// Microseconds a request, of each round its fastest batch: what disturbs a measurement only ever makes it slower.
    request: Vec<f64>,
    /// Microseconds of the first request of an instance, or of the mean of those that begin together.
    first: f64,
    /// Milliseconds from the text to a Snapshot.
    publish: f64,
    /// Bytes of the Snapshot.
    snapshot: usize,
}

/// # Errors
/// For wrong usage, and when a request is not answered with 200.
pub fn run(mut arguments: impl Iterator<Item = String>) -> Result<()> {
    let (mut axes, mut rounds, mut svg) = (Vec::new(), 5, None);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().with_context(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--rounds" => rounds = value()?.parse::<usize>().ok().filter(|n| *n > 0).context("--rounds needs a number above 0")?,
            "--svg" => svg = Some(PathBuf::from(value()?)),
            name => match AXES.iter().find(|axis| axis.name == name) {
                Some(axis) => axes.push(axis),
                None => bail!("there is no {name:?}\n\n{USAGE}\n\nNames: {}", AXES.map(|axis| axis.name).join(", ")),
            },
        }
    }
    if axes.is_empty() {
        axes.extend(&AXES);
    }
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let mut measured = Vec::new();
    for axis in axes {
        let rows = runtime.block_on(measure(axis, rounds)).with_context(|| axis.name)?;
        print!("{}", table(axis, &rows));
        measured.push((axis, rows));
    }
    if let Some(path) = svg {
        std::fs::write(&path, chart::draw(&measured)).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

async fn measure(axis: &Axis, rounds: usize) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for &size in axis.sizes {
        let machine = Machine::start(&(axis.make)(size)).await?;
        let (publish, snapshot) = (machine.publish.as_secs_f64() * 1e3, machine.snapshot);
        let started = Instant::now();
        machine.run().await?;
        let first = started.elapsed().as_secs_f64() * 1e6 / machine.requests() as f64;
        rows.push((machine, Row { size, request: Vec::new(), first, publish, snapshot }));
    }
    for _ in 0..rounds {
        for (machine, row) in &mut rows {
            row.request.push(fastest(machine).await?);
        }
    }
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// Microseconds a request.
async fn fastest(machine: &Machine) -> Result<f64> {
    let (began, mut fastest) = (Instant::now(), f64::INFINITY);
    while began.elapsed() < MEASURED {
        let started = Instant::now();
        for _ in 0..BATCH {
            machine.run().await?;
        }
        let requests = f64::from(BATCH) * machine.requests() as f64;
        fastest = fastest.min(started.elapsed().as_secs_f64() * 1e6 / requests);
    }
    Ok(fastest)
}

impl Row {
    fn median(&self) -> f64 {
        let mut sorted = self.request.clone();
        sorted.sort_by(f64::total_cmp);
        report::median(&sorted)
    }
}

fn table(axis: &Axis, rows: &[Row]) -> String {
    let mut out = format!(
        "\n### {}\n\n| {} | request, µs | of the smallest | first request, µs | publishing, ms | Snapshot, KB |\n",
        axis.title, axis.unit
    );
    out.push_str("| ---: | ---: | ---: | ---: | ---: | ---: |\n");
    let smallest = rows.first().map_or(1.0, Row::median);
    for row in rows {
        let least = row.request.iter().copied().fold(f64::INFINITY, f64::min);
        let most = row.request.iter().copied().fold(0.0, f64::max);
        out.push_str(&format!(
            "| {} | {:.0} ({least:.0} to {most:.0}) | {:.2} | {:.0} | {:.1} | {:.0} |\n",
            row.size,
            row.median(),
            row.median() / smallest,
            row.first,
            row.publish,
            row.snapshot as f64 / 1e3,
        ));
    }
    out
}
