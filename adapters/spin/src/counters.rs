//! Counters by `increment` of `wasi:keyvalue`, which is exact on SQLite and Redis. (A read and a write lose counts; a
//! compare-and-swap never succeeds on Redis.)

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bindings::wasi::keyvalue::{atomics, store};
use postern_core::platform::{
    Attempts, Clock, CounterError, CounterKey, CounterSeries, CounterStore, Increments, LocalBoxFuture, Precision, Timestamp,
    count_by_increments, is_spent,
};
use spin_sdk::key_value::Store;
use spin_sdk::wasip3;

use crate::platform::Spin;
use crate::store::{LABEL, open};

/// How often what nobody else removed is looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// The latest such time in which this instance looked.
static LOOKED: AtomicU64 = AtomicU64::new(0);

/// Names that are held at once while they are removed.
const SWEEP_BATCH: usize = 5_000;

pub struct SpinCounterStore;

impl CounterStore for SpinCounterStore {
    fn increment<'a>(&'a self, key: &'a CounterKey, by: i64, _expires_at: Timestamp) -> LocalBoxFuture<'a, Result<i64, CounterError>> {
        Box::pin(async move {
            let sum = add(key, by)?;
            if by > 0 && sum == by {
                sweep_aside(Spin.now());
            }
            Ok(sum)
        })
    }

    fn remove<'a>(&'a self, key: &'a CounterKey) -> LocalBoxFuture<'a, Result<(), CounterError>> {
        Box::pin(async move { Opened::new().await?.remove(key).await })
    }

    fn count<'a>(&'a self, series: &'a CounterSeries, now: Timestamp) -> LocalBoxFuture<'a, Result<Attempts, CounterError>> {
        Box::pin(async move {
            let (attempts, first) = count_by_increments(&Opened::new().await?, series, now).await?;
            if first {
                sweep_aside(now);
            }
            Ok(attempts)
        })
    }

    fn precision(&self) -> Precision {
        Precision::SPIN
    }
}

/// The store, opened once for all that one attempt asks: to open it is a way across the network.
struct Opened(Store);

impl Opened {
    async fn new() -> Result<Self, CounterError> {
        open().await.map(Self).map_err(|error| CounterError(error.0))
    }
}

impl Increments for Opened {
    fn add<'a>(&'a self, key: &'a CounterKey) -> LocalBoxFuture<'a, Result<i64, CounterError>> {
        Box::pin(async move { add(key, 1) })
    }

    fn read<'a>(&'a self, key: &'a CounterKey) -> LocalBoxFuture<'a, Result<i64, CounterError>> {
        Box::pin(async move {
            let Some(value) = self.0.get(key.as_str()).await.map_err(failed)? else { return Ok(0) };
            decode(&value).ok_or_else(|| CounterError("the value is no counter".into()))
        })
    }

    fn remove<'a>(&'a self, key: &'a CounterKey) -> LocalBoxFuture<'a, Result<(), CounterError>> {
        Box::pin(async move { self.0.delete(key.as_str()).await.map_err(failed) })
    }
}

fn add(key: &CounterKey, by: i64) -> Result<i64, CounterError> {
    let counted = store::open(LABEL).and_then(|bucket| atomics::increment(&bucket, key.as_str(), by));
    counted.map_err(|error| CounterError(error.to_string()))
}

/// What `increment` leaves behind: decimal text on Redis, eight bytes little-endian on SQLite. Eight digits would as bytes be a count
/// of 10^18 at least, so that the two cannot be confused.
fn decode(value: &[u8]) -> Option<i64> {
    if value.iter().all(u8::is_ascii_digit) {
        return std::str::from_utf8(value).ok()?.parse().ok();
    }
    value.try_into().ok().map(i64::from_le_bytes)
}

/// Whoever makes a new counter also looks for old ones, without anybody waiting for it.
fn sweep_aside(now: Timestamp) {
    // An instance looks once: limits of requests at once begin to count again and again.
    let turn = now.0 / u64::try_from(SWEEP_EVERY.as_millis()).unwrap_or(u64::MAX);
    if LOOKED.swap(turn, Ordering::Relaxed) == turn {
        return;
    }
    wasip3::spawn(async move {
        // The next one will try again.
        let _ = sweep(now).await;
    });
}

/// Removes counters that nobody reaches any longer. A series removes its own while it is in use; this is for those that callers leave
/// behind, as the store forgets nothing. One instance does it, every ten minutes at most.
async fn sweep(now: Timestamp) -> Result<(), CounterError> {
    let turns = CounterSeries::new("sweep", "", "", SWEEP_EVERY);
    if add(&turns.counter(turns.number(now)), 1)? > 1 {
        return Ok(());
    }
    let store = open().await.map_err(|error| CounterError(error.0))?;
    loop {
        let spent = spent(&store, now).await;
        for name in &spent {
            store.delete(name).await.map_err(failed)?;
        }
        if spent.len() < SWEEP_BATCH {
            return Ok(());
        }
    }
}

/// Names of counters to remove. The listing ends here, before anything is removed: SQLite's holds the database meanwhile.
async fn spent(store: &Store, now: Timestamp) -> Vec<String> {
    let (mut names, mut spent) = (store.get_keys().await, Vec::new());
    while spent.len() < SWEEP_BATCH
        && let Some(name) = names.next().await
    {
        if is_spent(&name, now) {
            spent.push(name);
        }
    }
    spent
}

fn failed(error: spin_sdk::key_value::Error) -> CounterError {
    CounterError(error.to_string())
}

mod bindings {
    spin_sdk::wit_bindgen::generate!({ path: "wit", runtime_path: "spin_sdk::wit_bindgen::rt", generate_all });
}
