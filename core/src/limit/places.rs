//! How many requests at once: each takes a place when it begins and gives it back when it ends.
//!
//! Time is divided into leases, and a lease has one counter of requests that are under way. A request counts in the lease in which it
//! begins, and moves on into a later one while its answer goes on. It looks at the counter of its lease and at that of the one before.
//! What is older is not looked at any more, so that places which nobody will give back, as an instance vanished, are free again after
//! one to two leases.
//!
//! No more than the limit are admitted, although a store adds to one counter at a time:
//!
//! - In one lease the sums of its counter order the requests.
//! - A request that moves on adds itself to the later lease before it leaves the earlier one. So who looks at the earlier one first,
//!   and then at the later one, sees it.
//! - Where one lease turns into the next, requests begin on both sides. There each also looks at the other side after it has added
//!   itself, so that of two the one that adds later sees the other. Clocks may differ by a tenth of a lease.

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
        let before = match own.checked_sub(1) {
            Some(earlier) => place.look(earlier).await?,
            None => 0,
        };
        if before >= limit {
            return Ok(None);
        }
        // Before the store is asked: a caller may go away while it answers.
        let permit = Permit(Some(place.clone()));
        let sum = match place.add(own, 1).await {
            Ok(sum) => sum.max(1),
            // To give back what may not have been taken would admit one too many.
            Err(error) => {
                permit.forget();
                return Err(error);
            }
        };
        // The store may have taken its time to add.
        let added = platform.clock.now();
        let mut others = before;
        if Turn::at(series, now) == Some(Turn::JustNow) {
            others = before.max(place.look(own.saturating_sub(1)).await?);
        }
        if series.number(added) > own || Turn::at(series, added) == Some(Turn::Soon) {
            others = others.saturating_add(place.look(own.saturating_add(1)).await?);
        }
        if sum.saturating_add(others) > limit {
            // At once, or the caller's next try would find it taken.
            permit.give_back().await;
            return Ok(None);
        }
        Ok(Some(permit))
    }
}

/// One lease turns into the next within a tenth of a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    JustNow,
    Soon,
}

impl Turn {
    fn at(series: &CounterSeries, now: Timestamp) -> Option<Self> {
        let (past, near) = (now.0 % series.span(), series.span() / 10);
        if past < near {
            return Some(Self::JustNow);
        }
        (series.span() - past <= near).then_some(Self::Soon)
    }
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

    /// How many there are. A store that lost its counters and is given places back has less than none.
    async fn look(&self, lease: u64) -> Result<i64, CounterError> {
        Ok(self.add(lease, 0).await?.max(0))
    }

    async fn add(&self, lease: u64, by: i64) -> Result<i64, CounterError> {
        self.platform.counters.increment(&self.series.counter(lease), by, expires_at(&self.series, lease)).await
    }
}

#[cfg(test)]
mod tests;
