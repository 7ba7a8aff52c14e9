//! Counting for a store that can add to one key at a time, and nothing else at once.
//!
//! An attempt first adds 1 to its own span, and then reads the spans within reach. Of two attempts, the one that adds later therefore
//! sees the other, whatever lies between its own two steps. So of attempts that are all within reach of each other the last one that
//! was admitted has seen all the others: no more than the limit are. Inside a span the sums that `add` returns order the attempts, so
//! exactly the limit are admitted. Where one span ends and the next begins, two attempts may see each other; then both are refused
//! where one would have been right, once for each attempt that was under way at that moment.
//!
//! Removing a counter must not let go of an attempt that somebody else still counts: one is removed when it is out of reach of an
//! attempt that itself is out of reach. This holds unless an attempt takes longer than a window, delays and wrong clocks included.

use futures::future::try_join_all;

use super::{Attempts, CounterError, CounterKey, CounterSeries, REACH};
use crate::platform::{LocalBoxFuture, Timestamp};

/// Spans after which a counter can be removed.
const KEPT: u64 = 2 * REACH + 1;

/// A store with an atomic increment, whose reads see every increment that has returned.
pub trait Increments {
    /// Adds 1 and returns the sum; a counter that does not exist starts at 0.
    fn add<'a>(&'a self, key: &'a CounterKey) -> LocalBoxFuture<'a, Result<i64, CounterError>>;

    /// The value; 0 for a counter that does not exist.
    fn read<'a>(&'a self, key: &'a CounterKey) -> LocalBoxFuture<'a, Result<i64, CounterError>>;

    /// Drops a counter; one that does not exist is no error.
    fn remove<'a>(&'a self, key: &'a CounterKey) -> LocalBoxFuture<'a, Result<(), CounterError>>;
}

/// [`CounterStore::count`](super::CounterStore::count) by increments. Returns whether the attempt was the first of its span, too,
/// which is the time to look for what can be removed.
///
/// # Errors
/// The store's. The attempt may have been counted.
pub async fn count_by_increments(
    store: &impl Increments,
    series: &CounterSeries,
    now: Timestamp,
) -> Result<(Attempts, bool), CounterError> {
    let own = series.number(now);
    let count = store.add(&series.counter(own)).await?;
    let others = (own.saturating_sub(REACH)..=own.saturating_add(REACH)).filter(|number| *number != own);
    let others = others.map(|number| async move { Ok((number, store.read(&series.counter(number)).await?)) });
    let mut spans = try_join_all(others).await?;
    spans.push((own, count));
    spans.sort_unstable();
    let spans = spans.into_iter().filter_map(|(number, count)| Some((number, u64::try_from(count).ok().filter(|count| *count > 0)?)));
    let attempts = Attempts { at: now, spans: spans.collect() };
    let first = count == 1;
    if first && let Some(old) = own.checked_sub(KEPT) {
        // Its work is done. That it fails only leaves a counter behind.
        let _ = store.remove(&series.counter(old)).await;
    }
    Ok((attempts, first))
}

/// Whether a store may drop what it holds under this name: a counter that no attempt can reach any longer.
pub fn is_spent(name: &str, now: Timestamp) -> bool {
    CounterKey::age(name, now).is_some_and(|age| age >= KEPT)
}

#[cfg(test)]
mod tests;
