//! What is measured on a fresh process: how long it takes to its first answer, and what streams that stay open cost in memory.

mod open;

use anyhow::Result;
use serde_json::{Value, json};

use crate::call::Kind;
use crate::fixture::Fixture;
use crate::launch::{Caller, Launch};
use crate::load;
use crate::options::Options;

pub use open::Open;

/// A program that was started anew in each round.
pub struct Cold {
    pub name: &'static str,
    /// From the start of its process to the end of the first answer, in ms.
    pub first_answer: Vec<f64>,
    /// Its own processor time for each of the requests that come next, in µs, while its runtime compiles what they use.
    pub early: Vec<f64>,
    /// By the number of streams.
    pub open: Vec<Open>,
    /// Why there is no more.
    pub failure: Option<String>,
}

/// So many requests a fresh process gets, one after the other.
const EARLY: u32 = 1000;

pub async fn measure(launches: &[Launch<'_>], fixture: &Fixture, options: &Options) -> Vec<Cold> {
    let mut measured = Vec::new();
    for launch in launches {
        let Some(caller) = launch.callers.first() else { continue };
        let mut cold = Cold { name: caller.name, first_answer: Vec::new(), early: Vec::new(), open: Vec::new(), failure: None };
        cold.failure = rounds(launch, caller, fixture, options, &mut cold).await.err().map(|error| format!("{error:#}"));
        measured.push(cold);
    }
    measured
}

async fn rounds(launch: &Launch<'_>, caller: &Caller, fixture: &Fixture, options: &Options, cold: &mut Cold) -> Result<()> {
    for _ in 0..options.rounds {
        let mut process = launch.start(fixture)?;
        let call = caller.call(Kind::Chat, &process)?;
        let first_answer = process.first_answer(&call).await?;
        cold.first_answer.push(first_answer.as_secs_f64() * 1e3);
        let before = process.cpu_time();
        load::count(&call, EARLY).await?;
        let spent = process.cpu_time().zip(before).map(|(after, before)| after.saturating_sub(before) / EARLY);
        cold.early.extend(spent.map(|spent| spent.as_secs_f64() * 1e6));
        process.stop().await?;
    }
    let mut process = launch.start(fixture)?;
    process.first_answer(&caller.call(Kind::Chat, &process)?).await?;
    open::measure(&process, &caller.call(Kind::Open, &process)?, &options.open, &mut cold.open).await?;
    process.stop().await?;
    Ok(())
}

impl Cold {
    /// Whether it can be measured at all.
    pub fn starts(&self) -> bool {
        !self.first_answer.is_empty()
    }

    /// Bytes for a stream: what the most streams take above the fewest.
    pub fn memory_of_a_stream(&self) -> Option<f64> {
        let (fewest, most) = (self.open.first()?, self.open.last()?);
        let more = most.memory? as f64 - fewest.memory? as f64;
        (most.streams > fewest.streams).then(|| more / (most.streams - fewest.streams) as f64)
    }

    pub fn json(&self) -> Value {
        let open = self.open.iter().map(|open| {
            json!({ "streams": open.streams, "memory": open.memory, "eventP50Ms": open.p50.as_secs_f64() * 1e3, "eventP99Ms": open.p99.as_secs_f64() * 1e3 })
        });
        json!({ "name": self.name, "firstAnswerMs": self.first_answer, "earlyCpuMicros": self.early, "openStreams": open.collect::<Vec<_>>(), "failure": self.failure })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_stream_takes_what_many_take_above_few() {
        let open = |(streams, memory)| Open { streams, memory, p50: Duration::ZERO, p99: Duration::ZERO };
        let of = |sizes: &[(usize, Option<u64>)]| {
            let open = sizes.iter().copied().map(open).collect();
            Cold { name: "", first_answer: Vec::new(), early: Vec::new(), open, failure: None }.memory_of_a_stream()
        };
        assert_eq!(of(&[(1, Some(5_000)), (10, Some(1_000_000)), (101, Some(105_000))]), Some(1000.0));
        assert_eq!(of(&[(1, Some(5_000)), (11, Some(4_000))]), Some(-100.0));
        for none in [&[][..], &[(10, Some(5_000))], &[(1, None), (10, Some(1))]] {
            assert_eq!(of(none), None);
        }
    }
}
