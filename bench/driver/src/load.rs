//! Closed-loop load over a fixed number of HTTP/1.1 connections, bounded in time.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// What is sent, again and again.
#[derive(Clone)]
pub struct Call {
    /// `host:port` on loopback.
    pub address: String,
    pub host: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

/// What one round showed.
#[derive(Debug, Clone, Default)]
pub struct Round {
    pub requests_per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
    /// Time to the first byte of the body.
    pub first_byte_p50: Duration,
}

/// Every response must be a 200: a benchmark of errors is none.
pub async fn run(call: &Call, connections: usize, time: Duration) -> Result<Round> {
    let started = Instant::now();
    let workers = (0..connections).map(|_| tokio::task::spawn_local(worker(call.clone(), started + time)));
    let mut whole = Vec::new();
    let mut first = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        let (mut a, mut b) = worker.await??;
        whole.append(&mut a);
        first.append(&mut b);
    }
    let elapsed = started.elapsed();
    ensure!(!whole.is_empty(), "not one request was answered by {}", call.address);
    whole.sort_unstable();
    first.sort_unstable();
    Ok(Round {
        requests_per_second: whole.len() as f64 / elapsed.as_secs_f64(),
        p50: percentile(&whole, 50),
        p99: percentile(&whole, 99),
        first_byte_p50: percentile(&first, 50),
    })
}

async fn worker(call: Call, until: Instant) -> Result<(Vec<Duration>, Vec<Duration>)> {
    let stream = TcpStream::connect(&call.address).await.with_context(|| format!("cannot connect to {}", call.address))?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::task::spawn_local(connection);
    let (mut whole, mut first) = (Vec::new(), Vec::new());
    while Instant::now() < until {
        let mut request = http::Request::post(&call.path).header("host", &call.host);
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        let started = Instant::now();
        let mut response = sender.send_request(request.body(Full::new(call.body.clone()))?).await?;
        if !response.status().is_success() {
            let status = response.status();
            let text = response.into_body().collect().await?.to_bytes();
            anyhow::bail!("{} answered {status}: {}", call.address, String::from_utf8_lossy(&text));
        }
        let mut seen = false;
        while let Some(frame) = response.frame().await {
            if frame?.is_data() && !seen {
                seen = true;
                first.push(started.elapsed());
            }
        }
        whole.push(started.elapsed());
    }
    drop(sender);
    connection.abort();
    Ok((whole, first))
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted.get((sorted.len().saturating_sub(1)) * percent / 100).copied().unwrap_or_default()
}
