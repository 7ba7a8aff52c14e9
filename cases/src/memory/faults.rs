//! A store and counters that fail as a case says.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use postern_core::platform::memory::MemoryCounters;
use postern_core::platform::{
    Attempts, CounterError, CounterKey, CounterSeries, CounterStore, KeyValueStore, LocalBoxFuture, Precision, StoreError, Timestamp,
};

use crate::format::Outage;

/// What does not work at the moment.
#[derive(Clone, Default)]
pub(super) struct Outages(Rc<RefCell<Vec<Outage>>>);

impl Outages {
    pub fn set(&self, outages: &[Outage]) {
        self.0.replace(outages.to_vec());
    }

    fn has(&self, outage: Outage) -> bool {
        self.0.borrow().contains(&outage)
    }
}

/// The entries of a deployment.
pub(super) struct FaultyStore {
    pub entries: RefCell<BTreeMap<String, Vec<u8>>>,
    pub reuse_for: Duration,
    pub outages: Outages,
}

/// What a slow store takes for an answer.
const SLOW: Duration = Duration::from_millis(50);

impl FaultyStore {
    async fn fail(&self) -> Result<(), StoreError> {
        if self.outages.has(Outage::SlowStore) {
            tokio::time::sleep(SLOW).await;
        }
        if self.outages.has(Outage::PanickingStore) {
            // As a panic, but without its report on the operator's terminal.
            std::panic::resume_unwind(Box::new("the store panics, as the case says"));
        }
        if self.outages.has(Outage::Store) { Err(StoreError("the store is down".into())) } else { Ok(()) }
    }
}

impl KeyValueStore for FaultyStore {
    fn get<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(async move {
            self.fail().await?;
            Ok(self.entries.borrow().get(key).cloned())
        })
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], _: Option<Duration>) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.fail().await?;
            self.entries.borrow_mut().insert(key.to_owned(), value.to_vec());
            Ok(())
        })
    }

    fn delete<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.fail().await?;
            self.entries.borrow_mut().remove(key);
            Ok(())
        })
    }

    fn reuse_for(&self) -> Duration {
        self.reuse_for
    }
}

pub(super) struct FaultyCounters {
    pub inner: Rc<MemoryCounters>,
    pub outages: Outages,
}

impl FaultyCounters {
    fn unless_down<'a, T: 'a>(&self, answer: LocalBoxFuture<'a, Result<T, CounterError>>) -> LocalBoxFuture<'a, Result<T, CounterError>> {
        if self.outages.has(Outage::Counters) {
            return Box::pin(async { Err(CounterError("the counters are down".into())) });
        }
        answer
    }
}

impl CounterStore for FaultyCounters {
    fn increment<'a>(&'a self, key: &'a CounterKey, by: i64, expires_at: Timestamp) -> LocalBoxFuture<'a, Result<i64, CounterError>> {
        self.unless_down(self.inner.increment(key, by, expires_at))
    }

    fn remove<'a>(&'a self, key: &'a CounterKey) -> LocalBoxFuture<'a, Result<(), CounterError>> {
        self.unless_down(self.inner.remove(key))
    }

    fn count<'a>(&'a self, series: &'a CounterSeries, now: Timestamp) -> LocalBoxFuture<'a, Result<Attempts, CounterError>> {
        self.unless_down(self.inner.count(series, now))
    }

    fn precision(&self) -> Precision {
        Precision::Exact
    }
}
