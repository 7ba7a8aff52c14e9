//! Rounds: each program in each round, in random order, so that what else the machine does meets all of them alike.

use std::time::Duration;

use anyhow::Result;
use postern_core::platform::SecureRandom;
use postern_native::OperatingSystemRandom;

use crate::call::Kind;
use crate::launch::Program;
use crate::load::{self, Run};
use crate::options::Options;

/// One kind of request over a number of connections.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub kind: Kind,
    pub connections: usize,
}

/// One program in one round.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    pub run: Run,
    /// The program's own processor time for a request, in µs.
    pub cpu: Option<f64>,
}

pub struct Measured {
    pub load: Load,
    /// By program, in the order of the programs: one sample a round, nothing where it failed.
    pub samples: Vec<Vec<Option<Sample>>>,
    /// Why it failed.
    pub failures: Vec<String>,
}

/// Pools and caches are cold at first, and so are the compilers of the runtimes: V8 makes fast code of WebAssembly function by function, and
/// has done so for what a request uses after about 15,000 requests.
const WARM_UP: [(Kind, Duration); 2] = [(Kind::Chat, Duration::from_secs(15)), (Kind::Stream, Duration::from_secs(1))];

pub async fn measure(programs: &[Program], options: &Options) -> Vec<Measured> {
    let (chats, streams) = (options.connections.iter(), options.streams.iter());
    let loads = chats.map(|&connections| Load { kind: Kind::Chat, connections });
    let loads = loads.chain(streams.map(|&connections| Load { kind: Kind::Stream, connections }));
    let mut measured: Vec<_> =
        loads.map(|load| Measured { load, samples: vec![Vec::new(); programs.len()], failures: Vec::new() }).collect();
    for program in programs {
        for ((kind, time), sizes) in WARM_UP.into_iter().zip([&options.connections, &options.streams]) {
            // What fails here fails again where it counts.
            let _ = load::run(program.call(kind), sizes.last().copied().unwrap_or(1), time).await;
        }
    }
    for _ in 0..options.rounds {
        for Measured { load, samples, failures } in &mut measured {
            let mut order: Vec<_> = programs.iter().zip(samples).collect();
            shuffle(&mut order);
            for (program, samples) in order {
                let sample = sample(program, *load, options.seconds).await;
                failures.extend(sample.as_ref().err().map(|error| format!("{}: {error:#}", program.name)));
                samples.push(sample.ok());
            }
        }
    }
    measured
}

async fn sample(program: &Program, load: Load, time: Duration) -> Result<Sample> {
    let before = program.process.cpu_time();
    let run = load::run(program.call(load.kind), load.connections, time).await?;
    let spent = program.process.cpu_time().zip(before).map(|(after, before)| after.saturating_sub(before));
    let cpu = spent.map(|spent| spent.as_secs_f64() * 1e6 / run.requests as f64);
    Ok(Sample { run, cpu })
}

/// Fisher and Yates; the bias of the remainder is of no matter for so few.
fn shuffle<T>(list: &mut [T]) {
    let random = OperatingSystemRandom::default();
    for last in (1..list.len()).rev() {
        let mut byte = [0];
        random.fill(&mut byte);
        list.swap(last, usize::from(byte[0]) % (last + 1));
    }
}
