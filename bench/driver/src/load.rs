//! Closed-loop load over a fixed number of HTTP/1.1 connections, bounded in time.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use http_body_util::BodyExt;
use tokio::task::spawn_local;

use crate::call::Call;
use crate::connection::Connection;

/// What one run showed.
#[derive(Debug, Clone, Default)]
pub struct Run {
    pub requests: usize,
    pub per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
    /// Time to the first byte of the body.
    pub first_byte_p50: Duration,
}

/// A request that gets no answer for so long never will.
const PATIENCE: Duration = Duration::from_secs(20);

/// Every response must be a success: a benchmark of errors is none.
///
/// # Errors
/// The first connection or answer that fails.
pub async fn run(call: &Call, connections: usize, time: Duration) -> Result<Run> {
    let started = Instant::now();
    let workers: Vec<_> = (0..connections).map(|_| spawn_local(worker(call.clone(), started + time))).collect();
    let (mut whole, mut first) = (Vec::new(), Vec::new());
    for worker in workers {
        let (mut its_whole, mut its_first) = tokio::time::timeout(time + PATIENCE, worker).await.context("no answer in time")???;
        whole.append(&mut its_whole);
        first.append(&mut its_first);
    }
    let elapsed = started.elapsed();
    ensure!(!whole.is_empty(), "not one request was answered by {}", call.address);
    whole.sort_unstable();
    first.sort_unstable();
    Ok(Run {
        requests: whole.len(),
        per_second: whole.len() as f64 / elapsed.as_secs_f64(),
        p50: percentile(&whole, 50),
        p99: percentile(&whole, 99),
        first_byte_p50: percentile(&first, 50),
    })
}

async fn worker(call: Call, until: Instant) -> Result<(Vec<Duration>, Vec<Duration>)> {
    let mut connection = Connection::open(call.address).await?;
    let (mut whole, mut first) = (Vec::new(), Vec::new());
    while Instant::now() < until {
        let request = call.request()?;
        let started = Instant::now();
        let mut response = connection.sender.send_request(request).await?;
        if !response.status().is_success() {
            let status = response.status();
            let text = response.into_body().collect().await?.to_bytes();
            bail!("{} answered {status}: {}", call.address, String::from_utf8_lossy(&text));
        }
        let mut first_byte = None;
        while let Some(frame) = response.frame().await {
            if frame?.is_data() {
                first_byte.get_or_insert_with(|| started.elapsed());
            }
        }
        whole.push(started.elapsed());
        first.extend(first_byte);
    }
    Ok((whole, first))
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted.get(sorted.len().saturating_sub(1) * percent / 100).copied().unwrap_or_default()
}
