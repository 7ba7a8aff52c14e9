//! Closed-loop load over a fixed number of HTTP/1.1 connections, bounded in time.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use http_body_util::BodyExt;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::call::{Call, Kind};
use crate::connection::Connection;
use crate::stamp;
use crate::upstream::EVENTS;

/// What one run showed.
#[derive(Debug, Clone, Default)]
pub struct Run {
    pub requests: usize,
    pub per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
    /// Time to the first byte of the body.
    pub first_byte_p50: Duration,
    /// How long events of streams were under way from the provider to the client.
    pub event_p50: Duration,
    pub event_p99: Duration,
}

/// A request that gets no answer for so long never will.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Every response must be a success: a benchmark of errors is none.
///
/// # Errors
/// The first connection or answer that fails.
pub async fn run(call: &Call, connections: usize, time: Duration) -> Result<Run> {
    let started = Instant::now();
    // When one fails, the others end with the set, and load nothing any more.
    let mut workers = JoinSet::new();
    for _ in 0..connections {
        workers.spawn_local(worker(call.clone(), started + time));
    }
    let mut times = Times::default();
    while let Some(worker) = timeout(time + PATIENCE, workers.join_next()).await.context("no answer in time")? {
        times.append(worker??);
    }
    let elapsed = started.elapsed();
    ensure!(!times.whole.is_empty(), "not one request was answered by {}", call.address);
    times.sort();
    Ok(Run {
        requests: times.whole.len(),
        per_second: times.whole.len() as f64 / elapsed.as_secs_f64(),
        p50: percentile(&times.whole, 50),
        p99: percentile(&times.whole, 99),
        first_byte_p50: percentile(&times.first, 50),
        event_p50: percentile(&times.events, 50),
        event_p99: percentile(&times.events, 99),
    })
}

/// So many requests, one after the other over one connection.
///
/// # Errors
/// The first that fails.
pub async fn count(call: &Call, requests: u32) -> Result<()> {
    let mut connection = Connection::open(call.address).await?;
    for _ in 0..requests {
        call.send(&mut connection).await?.into_body().collect().await?;
    }
    Ok(())
}

/// What one connection saw.
#[derive(Default)]
struct Times {
    whole: Vec<Duration>,
    first: Vec<Duration>,
    events: Vec<Duration>,
}

impl Times {
    fn append(&mut self, mut other: Self) {
        self.whole.append(&mut other.whole);
        self.first.append(&mut other.first);
        self.events.append(&mut other.events);
    }

    fn sort(&mut self) {
        for times in [&mut self.whole, &mut self.first, &mut self.events] {
            times.sort_unstable();
        }
    }
}

async fn worker(call: Call, until: Instant) -> Result<Times> {
    let mut connection = Connection::open(call.address).await?;
    let mut times = Times::default();
    while Instant::now() < until {
        let started = Instant::now();
        let mut response = call.send(&mut connection).await?;
        let (mut first_byte, mut stamps, before) = (None, stamp::Reader::default(), times.events.len());
        while let Some(frame) = response.frame().await {
            if let Some(data) = frame?.data_ref() {
                first_byte.get_or_insert_with(|| started.elapsed());
                stamps.read(data, &mut times.events);
            }
        }
        times.whole.push(started.elapsed());
        times.first.extend(first_byte);
        let (seen, sent) = (times.events.len() - before, if call.kind == Kind::Stream { EVENTS } else { 0 });
        ensure!(seen == sent, "{} let {seen} of {sent} events through", call.address);
    }
    Ok(times)
}

/// 0 of nothing.
pub fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted.get(sorted.len().saturating_sub(1) * percent / 100).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_what_was_seen() {
        let times: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        let percent = |count, percent| percentile(&times[..count], percent).as_millis();
        assert_eq!([percent(200, 50), percent(200, 99), percent(1, 99), percent(2, 50), percent(0, 50)], [100, 198, 1, 1, 0]);
    }
}
