//! Streams that stay open, and what they cost in memory.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use http_body_util::BodyExt;
use tokio::task::{AbortHandle, spawn_local};
use tokio::time::{Instant, sleep};

use crate::call::Call;
use crate::connection::Connection;
use crate::load::{PATIENCE, percentile};
use crate::process::Process;
use crate::stamp::Reader;
use crate::upstream::BETWEEN_SIGNS_OF_LIFE;

/// A number of streams that were open at once, each of which got events all the time.
#[derive(Debug, Clone)]
pub struct Open {
    pub streams: usize,
    /// Of the process, in bytes.
    pub memory: Option<u64>,
    /// How long events were under way.
    pub p50: Duration,
    pub p99: Duration,
}

/// Opened at once; a listener's queue is not what is measured.
const TOGETHER: usize = 50;
/// In which each stream must get more events, while their delay is watched.
const WATCHED: Duration = BETWEEN_SIGNS_OF_LIFE.saturating_mul(4);

/// Opens more and more streams, and looks at each size; all are closed in the end.
///
/// # Errors
/// When one of them ends or gets no events. What was seen before stays.
pub async fn measure(process: &Process, call: &Call, sizes: &[usize], seen: &mut Vec<Open>) -> Result<()> {
    let mut streams: Vec<Stream> = Vec::new();
    for &size in sizes {
        let why = || format!("{size} streams");
        enough_files(size).with_context(why)?;
        while streams.len() < size {
            let opened = streams.len();
            streams.extend((opened..size.min(opened + TOGETHER)).map(|_| Stream::open(call.clone())));
            all_got_events(&streams, opened).await.with_context(why)?;
        }
        streams.iter().for_each(|stream| stream.state.borrow_mut().delays.clear());
        sleep(WATCHED).await;
        all_got_events(&streams, 0).await.with_context(why)?;
        let mut delays: Vec<Duration> = streams.iter().flat_map(|stream| stream.state.borrow().delays.clone()).collect();
        delays.sort_unstable();
        seen.push(Open { streams: size, memory: process.memory(), p50: percentile(&delays, 50), p99: percentile(&delays, 99) });
    }
    Ok(())
}

/// Waits until each stream but the first few has got an event, and none of them has ended.
async fn all_got_events(streams: &[Stream], but: usize) -> Result<()> {
    let until = Instant::now() + PATIENCE;
    loop {
        let mut waiting = 0;
        for stream in streams.iter().skip(but) {
            let state = stream.state.borrow();
            if let Some(end) = &state.end {
                bail!("one of them ended: {end}");
            }
            waiting += usize::from(state.delays.is_empty());
        }
        if waiting == 0 {
            return Ok(());
        }
        if Instant::now() > until {
            bail!("{waiting} of them got no event in time");
        }
        sleep(Duration::from_millis(10)).await;
    }
}

/// Closed when its value goes away.
struct Stream {
    state: Rc<RefCell<State>>,
    reader: AbortHandle,
}

#[derive(Default)]
struct State {
    delays: Vec<Duration>,
    end: Option<String>,
}

impl Stream {
    fn open(call: Call) -> Self {
        let state = Rc::new(RefCell::new(State::default()));
        let its = state.clone();
        let reader = spawn_local(async move {
            let end = read(&call, &its).await.map_or_else(|error| format!("{error:#}"), |()| "without an error".to_owned());
            its.borrow_mut().end = Some(end);
        });
        Self { state, reader: reader.abort_handle() }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

async fn read(call: &Call, state: &RefCell<State>) -> Result<()> {
    let mut connection = Connection::open(call.address).await?;
    let mut response = call.send(&mut connection).await?;
    let mut stamps = Reader::default();
    while let Some(frame) = response.frame().await {
        if let Some(data) = frame?.data_ref() {
            stamps.read(data, &mut state.borrow_mut().delays);
        }
    }
    Ok(())
}

/// We hold both ends of each stream, at the client and at the provider; the gateway holds two as well.
fn enough_files(streams: usize) -> Result<()> {
    let Ok(limits) = std::fs::read_to_string("/proc/self/limits") else { return Ok(()) };
    match open_files(&limits) {
        Some(limit) if limit < 2 * streams + 100 => bail!("too few open files are allowed (ulimit -n: {limit})"),
        _ => Ok(()),
    }
}

/// The soft limit (proc_pid_limits(5)); nothing if there is none.
fn open_files(limits: &str) -> Option<usize> {
    limits.lines().find_map(|line| line.strip_prefix("Max open files"))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_how_many_files_may_be_open() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max processes             94000                94000                processes \n\
                      Max open files            1024                 524288               files     \n";
        assert_eq!(open_files(limits), Some(1024));
        assert_eq!(open_files("Max open files            unlimited            unlimited            files"), None);
    }
}
