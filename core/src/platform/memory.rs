//! A host in memory: a product for embedding and for `postern test`, and the fastest target of the conformance suite.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use zeroize::Zeroizing;

use super::{
    Attempts, Body, BoundedResponses, CacheError, CacheKey, Capabilities, Clock, CounterError, CounterKey, CounterSeries, CounterStore,
    HttpClient, HttpError, Keeping, Kept, KeptHead, KeyValueStore, LocalBoxFuture, LogSink, Platform, PlatformSecret, Precision,
    RecentAttempts, ResponseCache, SecretStore, SecureRandom, SendOptions, StoreError, Tasks, Timestamp,
};

/// State that outlives a request: make one, and take a [`Platform`] from it for each request.
#[derive(Clone)]
pub struct Memory {
    pub store: Rc<MemoryStore>,
    pub counters: Rc<MemoryCounters>,
    pub cache: Rc<MemoryCache>,
    pub secrets: Rc<MemorySecrets>,
    pub clock: Rc<ManualClock>,
    pub log: Rc<MemoryLog>,
    pub tasks: Rc<MemoryTasks>,
}

impl Memory {
    pub fn new(now: Timestamp) -> Self {
        Self {
            store: Rc::default(),
            counters: Rc::default(),
            cache: Rc::default(),
            secrets: Rc::default(),
            clock: Rc::new(ManualClock::new(now)),
            log: Rc::default(),
            tasks: Rc::default(),
        }
    }

    /// `http` and `random` are the two things memory cannot supply.
    pub fn platform(&self, http: Rc<dyn HttpClient>, random: Rc<dyn SecureRandom>, capabilities: Capabilities) -> Platform {
        Platform {
            http,
            processors: None,
            store: self.store.clone(),
            counters: self.counters.clone(),
            cache: self.cache.clone(),
            secrets: self.secrets.clone(),
            clock: self.clock.clone(),
            random,
            tasks: self.tasks.clone(),
            log: self.log.clone(),
            capabilities,
            listener: None,
        }
    }
}

/// Keeps values until they are deleted; expiry times are not enforced, as the reader of a value checks its own.
#[derive(Default)]
pub struct MemoryStore(RefCell<BTreeMap<String, Vec<u8>>>);

impl MemoryStore {
    pub fn insert(&self, key: &str, value: Vec<u8>) {
        self.0.borrow_mut().insert(key.to_owned(), value);
    }
}

impl KeyValueStore for MemoryStore {
    fn get<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(async move { Ok(self.0.borrow().get(key).cloned()) })
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], _expires_in: Option<Duration>) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.insert(key, value.to_vec());
            Ok(())
        })
    }

    fn delete<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.0.borrow_mut().remove(key);
            Ok(())
        })
    }

    fn reuse_for(&self) -> Duration {
        Duration::ZERO
    }
}

/// Exact, as one thread sees it.
#[derive(Default)]
pub struct MemoryCounters {
    values: RefCell<BTreeMap<CounterKey, i64>>,
    recent: RefCell<RecentAttempts>,
}

impl CounterStore for MemoryCounters {
    fn increment<'a>(&'a self, key: &'a CounterKey, by: i64, _expires_at: Timestamp) -> LocalBoxFuture<'a, Result<i64, CounterError>> {
        Box::pin(async move {
            let mut values = self.values.borrow_mut();
            let counter = values.entry(key.clone()).or_insert(0);
            *counter = counter.saturating_add(by);
            Ok(*counter)
        })
    }

    fn remove<'a>(&'a self, key: &'a CounterKey) -> LocalBoxFuture<'a, Result<(), CounterError>> {
        Box::pin(async move {
            self.values.borrow_mut().remove(key);
            Ok(())
        })
    }

    fn count<'a>(&'a self, series: &'a CounterSeries, now: Timestamp) -> LocalBoxFuture<'a, Result<Attempts, CounterError>> {
        Box::pin(async move { Ok(self.recent.borrow_mut().count(series, now)) })
    }

    fn precision(&self) -> Precision {
        Precision::Exact
    }
}

/// Keeps as many responses as fit into 16 MiB.
pub struct MemoryCache(RefCell<BoundedResponses>);

impl Default for MemoryCache {
    fn default() -> Self {
        Self(RefCell::new(BoundedResponses::new(16 << 20)))
    }
}

impl ResponseCache for MemoryCache {
    fn get<'a>(&'a self, key: &'a CacheKey) -> LocalBoxFuture<'a, Result<Option<Kept>, CacheError>> {
        Box::pin(async move { Ok(self.0.borrow_mut().get(key)) })
    }

    fn put(&self, key: CacheKey, head: KeptHead, body: Bytes) -> Option<Keeping> {
        self.0.borrow_mut().put(key, head, body);
        None
    }
}

/// Secrets as a host would have them, by the names of their variables.
#[derive(Default)]
pub struct MemorySecrets(RefCell<BTreeMap<String, Zeroizing<String>>>);

impl MemorySecrets {
    pub fn insert(&self, name: &str, value: &str) {
        self.0.borrow_mut().insert(name.to_owned(), Zeroizing::new(value.to_owned()));
    }
}

impl SecretStore for MemorySecrets {
    fn get<'a>(&'a self, name: &'a str) -> LocalBoxFuture<'a, Option<PlatformSecret>> {
        Box::pin(async move { self.0.borrow().get(name).cloned() })
    }
}

/// A clock that moves when it is told, and when somebody waits: then it moves that far at once.
pub struct ManualClock {
    now: Cell<Timestamp>,
    slept: RefCell<Vec<Duration>>,
}

impl ManualClock {
    pub fn new(now: Timestamp) -> Self {
        Self { now: Cell::new(now), slept: RefCell::default() }
    }

    pub fn set(&self, now: Timestamp) {
        self.now.set(now);
    }

    pub fn advance(&self, by: Duration) {
        self.now.set(self.now.get().plus(by));
    }

    /// All waits so far.
    pub fn slept(&self) -> Vec<Duration> {
        self.slept.borrow().clone()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.now.get()
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'_, ()> {
        Box::pin(async move {
            self.advance(duration);
            self.slept.borrow_mut().push(duration);
        })
    }
}

/// Keeps what was logged.
#[derive(Default)]
pub struct MemoryLog(RefCell<Vec<String>>);

impl MemoryLog {
    pub fn lines(&self) -> Vec<String> {
        self.0.borrow().clone()
    }
}

impl LogSink for MemoryLog {
    fn write(&self, line: &str) {
        self.0.borrow_mut().push(line.to_owned());
    }
}

/// Holds background work until [`MemoryTasks::run`].
#[derive(Default)]
pub struct MemoryTasks(RefCell<Vec<LocalBoxFuture<'static, ()>>>);

impl MemoryTasks {
    /// Runs everything that was handed over so far, one after the other.
    pub async fn run(&self) {
        let tasks = std::mem::take(&mut *self.0.borrow_mut());
        for task in tasks {
            task.await;
        }
    }
}

impl Tasks for MemoryTasks {
    fn wait_until(&self, task: LocalBoxFuture<'static, ()>) {
        self.0.borrow_mut().push(task);
    }

    /// Nobody waits here: what is due later is due when [`MemoryTasks::run`] comes to it.
    fn sleep(&self, _duration: Duration) -> LocalBoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// A way out that leads nowhere.
pub struct NoHttp;

impl HttpClient for NoHttp {
    fn send(&self, _request: http::Request<Body>, _options: SendOptions) -> LocalBoxFuture<'_, Result<http::Response<Body>, HttpError>> {
        Box::pin(async { Err(HttpError::Connect("this platform has no network".into())) })
    }
}
