//! How many requests at once: each takes a place when it begins and gives it back when it ends.
//!
//! Time is divided into leases, and a lease has one counter of requests that are under way. A request counts in the lease in which it
//! begins, and moves on into a later one while its answer goes on. It looks at the counter of its lease and at that of the one before.
//! What is older is not looked at any more, so that places which nobody will give back, as an instance vanished, are free again after
//! one to two leases.
//!
//! A request first adds itself and then looks. Of two requests, the one that adds later therefore sees the other, and no more than
//! the limit are admitted. Where a lease is about to end, a request also looks at the next one, as others may have begun in it by a
//! clock that is ahead, or while this one waited for the store.

use std::cell::Cell;
use std::num::NonZeroU64;
use std::rc::Rc;
use std::time::Duration;

use crate::platform::{CounterError, CounterSeries, Platform, Timestamp};

/// How many requests may be under way, and after what time one is forgotten that is not heard of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    pub limit: NonZeroU64,
    pub lease: Duration,
}

/// A place that is taken. Whoever drops it gives it back, beside everything else.
pub struct Permit(Option<Rc<Place>>);

/// One request in the counter of a lease.
struct Place {
    platform: Platform,
    series: CounterSeries,
    /// The lease in whose counter it is.
    lease: Cell<u64>,
    /// The latest lease that it was to move on into.
    latest: Cell<u64>,
    has_ended: Cell<bool>,
}

impl Places {
    /// The counters of this limit for one principal, by lease. `owner` says which limit it is, `principal` whose requests are counted
    /// together.
    pub fn series(&self, owner: &str, principal: &str) -> CounterSeries {
        CounterSeries::new("places", owner, principal, self.lease)
    }

    /// Takes a place, unless all are taken.
    ///
    /// # Errors
    /// The store did not answer. A place may have been taken until it is forgotten.
    pub async fn enter(&self, platform: &Platform, series: &CounterSeries) -> Result<Option<Permit>, CounterError> {
        let now = platform.clock.now();
        let (limit, own) = (i64::try_from(self.limit.get()).unwrap_or(i64::MAX), series.number(now));
        let place = Rc::new(Place::new(platform, series, own));
        // Before the store is asked: a caller may go away while it answers.
        let permit = Permit(Some(place.clone()));
        let mut under_way = match place.add(own, 1).await {
            Ok(sum) => sum.max(1),
            // To give back what may not have been taken would admit one too many.
            Err(error) => {
                permit.forget();
                return Err(error);
            }
        };
        for other in beside(series, now) {
            if under_way > limit {
                break;
            }
            // A store that lost its counters and is given places back has less than none.
            under_way = under_way.saturating_add(place.add(other, 0).await?.max(0));
        }
        if under_way > limit {
            // At once, or the caller's next try would find it taken.
            permit.give_back().await;
            return Ok(None);
        }
        Ok(Some(permit))
    }
}

/// The other leases that a request looks at: the one before, and in the last tenth of its own the next.
fn beside(series: &CounterSeries, now: Timestamp) -> impl Iterator<Item = u64> {
    let own = series.number(now);
    let next = own.saturating_add(1);
    let ends_soon = series.start(next).0.saturating_sub(now.0) <= series.span() / 10;
    own.checked_sub(1).into_iter().chain(ends_soon.then_some(next))
}

/// When nobody looks at the counter of a lease any longer, by a clock that is a lease behind.
fn expires_at(series: &CounterSeries, lease: u64) -> Timestamp {
    series.start(lease.saturating_add(3))
}

impl Permit {
    /// Says that the request is still under way, so that it is not forgotten. To be called as often as one likes.
    pub fn renew(&self) {
        let Some(place) = &self.0 else { return };
        let lease = place.series.number(place.platform.clock.now());
        if lease > place.latest.get() {
            place.latest.set(lease);
            let place = place.clone();
            place.platform.tasks.clone().wait_until(Box::pin(async move { place.move_on(lease).await }));
        }
    }

    async fn give_back(mut self) {
        if let Some(place) = self.0.take() {
            place.give_back().await;
        }
    }

    fn forget(mut self) {
        self.0 = None;
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(place) = self.0.take() {
            place.platform.tasks.clone().wait_until(Box::pin(async move { place.give_back().await }));
        }
    }
}

impl Place {
    fn new(platform: &Platform, series: &CounterSeries, lease: u64) -> Self {
        let (platform, series) = (platform.clone(), series.clone());
        Self { platform, series, lease: Cell::new(lease), latest: Cell::new(lease), has_ended: Cell::new(false) }
    }

    /// Counts in the later lease first: for a moment the request is counted twice, and never not at all.
    async fn move_on(&self, lease: u64) {
        match self.add(lease, 1).await {
            Ok(_) if self.has_ended.get() => self.leave(lease).await,
            Ok(_) => self.leave(self.lease.replace(lease)).await,
            Err(error) => self.platform.warn(&format!("a request that goes on may be forgotten by its concurrency limit: {error}")),
        }
    }

    async fn give_back(&self) {
        self.has_ended.set(true);
        self.leave(self.lease.get()).await;
    }

    async fn leave(&self, lease: u64) {
        // The store may have dropped the counter; one made anew would be of no use.
        if self.platform.clock.now() >= expires_at(&self.series, lease) {
            return;
        }
        if let Err(error) = self.add(lease, -1).await {
            self.platform.warn(&format!("a request that has ended is counted as under way until its lease is over: {error}"));
        }
    }

    async fn add(&self, lease: u64, by: i64) -> Result<i64, CounterError> {
        self.platform.counters.increment(&self.series.counter(lease), by, expires_at(&self.series, lease)).await
    }
}

#[cfg(test)]
mod tests;
