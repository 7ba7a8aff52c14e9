use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use postern_core::platform::{
    Attempts, Clock, CounterError, CounterKey, CounterSeries, CounterStore, LocalBoxFuture, Precision, RecentAttempts, Timestamp,
};

use super::SystemClock;

/// Counters in memory, shared by all threads and exact. They start anew with the process.
#[derive(Clone)]
pub struct Counters {
    shards: Arc<[Mutex<Shard>]>,
    hasher: RandomState,
}

#[derive(Default)]
struct Shard {
    counters: HashMap<String, Counter>,
    /// The size at which expired counters are looked for next. Doubling it makes the search cost a constant for each increment.
    sweep_at: usize,
    recent: RecentAttempts,
}

struct Counter {
    value: i64,
    expires_at: Timestamp,
}

/// So many that threads seldom meet at a lock.
const SHARDS: usize = 64;
const SMALLEST_SWEEP: usize = 64;

impl Default for Counters {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect(), hasher: RandomState::new() }
    }
}

impl Counters {
    fn shard(&self, key: &str) -> Result<MutexGuard<'_, Shard>, CounterError> {
        let index = self.hasher.hash_one(key) as usize % SHARDS;
        let shard = self.shards.get(index).ok_or_else(|| CounterError("no shard".into()))?;
        // No step under the lock leaves a shard half changed.
        Ok(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, key: &str, by: i64, expires_at: Timestamp, now: Timestamp) -> Result<i64, CounterError> {
        let mut shard = self.shard(key)?;
        if shard.counters.len() >= shard.sweep_at {
            shard.counters.retain(|_, counter| counter.expires_at > now);
            shard.sweep_at = SMALLEST_SWEEP.max(shard.counters.len() * 2);
        }
        if let Some(counter) = shard.counters.get_mut(key) {
            counter.value = counter.value.saturating_add(by);
            counter.expires_at = counter.expires_at.max(expires_at);
            return Ok(counter.value);
        }
        shard.counters.insert(key.to_owned(), Counter { value: by, expires_at });
        Ok(by)
    }
}

impl CounterStore for Counters {
    fn increment<'a>(&'a self, key: &'a CounterKey, by: i64, expires_at: Timestamp) -> LocalBoxFuture<'a, Result<i64, CounterError>> {
        Box::pin(async move { self.add(key.as_str(), by, expires_at, SystemClock.now()) })
    }

    fn remove<'a>(&'a self, key: &'a CounterKey) -> LocalBoxFuture<'a, Result<(), CounterError>> {
        Box::pin(async move {
            self.shard(key.as_str())?.counters.remove(key.as_str());
            Ok(())
        })
    }

    fn count<'a>(&'a self, series: &'a CounterSeries, now: Timestamp) -> LocalBoxFuture<'a, Result<Attempts, CounterError>> {
        Box::pin(async move { Ok(self.shard(series.as_str())?.recent.count(series, now)) })
    }

    fn precision(&self) -> Precision {
        Precision::NATIVE
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::FutureExt;

    use super::*;

    #[test]
    fn parallel_increments_return_every_value_once() {
        let counters = Counters::default();
        let mut seen: Vec<i64> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    let counters = counters.clone();
                    scope.spawn(move || (0..1000).map(|_| counters.add("k", 1, Timestamp(10), Timestamp(0)).unwrap()).collect::<Vec<_>>())
                })
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        seen.sort_unstable();
        assert_eq!(seen, (1..=8000).collect::<Vec<_>>());
    }

    #[test]
    fn of_parallel_attempts_exactly_the_limit_are_admitted() {
        let counters = Counters::default();
        let series = CounterSeries::new("limit", "a", "b", Duration::from_secs(1));
        let count = |n: u64| {
            let counted = counters.count(&series, Timestamp(n % 9_000));
            counted.now_or_never().unwrap().unwrap().total()
        };
        let mut seen: Vec<u64> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| (0..1000).map(count).collect::<Vec<_>>())).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        seen.sort_unstable();
        assert_eq!(seen, (1..=8000).collect::<Vec<_>>(), "each sees another number of attempts, so any limit admits as many");
    }

    #[test]
    fn expired_counters_do_not_pile_up() {
        let counters = Counters::default();
        for n in 0..100_000_u64 {
            counters.add(&format!("k{n}"), 1, Timestamp(n + 10), Timestamp(n)).unwrap();
        }
        let held: usize = counters.shards.iter().map(|shard| shard.lock().unwrap().counters.len()).sum();
        assert!(held <= SHARDS * (SMALLEST_SWEEP + 1), "{held}");
    }
}
