//! A memory platform whose store can be slow to notice, or down, with randomness that repeats.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::MasterKey;
use crate::platform::memory::{Memory, MemoryStore, NoHttp};
use crate::platform::{Capabilities, KeyValueStore, LocalBoxFuture, Platform, SecureRandom, StoreError, Timestamp};
use crate::snapshot::Snapshot;

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

pub(crate) struct World {
    pub(crate) memory: Memory,
    pub(crate) store: Rc<FlakyStore>,
    random: Rc<FixedRandom>,
}

/// A [`MemoryStore`] that can be told to fail, and that counts what it is asked.
pub(crate) struct FlakyStore {
    inner: Rc<MemoryStore>,
    pub(crate) down: Cell<bool>,
    pub(crate) reuse_for: Cell<Duration>,
    pub(crate) reads: Cell<u32>,
}

/// The same bytes in every run, and none of their sequences twice: a linear congruential generator.
#[derive(Default)]
pub(crate) struct FixedRandom(Cell<u64>);

impl World {
    pub(crate) fn empty() -> Self {
        let memory = Memory::new(NOW);
        let store =
            FlakyStore { inner: memory.store.clone(), down: Cell::new(false), reuse_for: Cell::new(Duration::ZERO), reads: Cell::new(0) };
        Self { memory, store: Rc::new(store), random: Rc::default() }
    }

    pub(crate) fn platform(&self) -> Platform {
        let platform = self.memory.platform(Rc::new(NoHttp), self.random.clone(), Capabilities::none());
        Platform { store: self.store.clone(), ..platform }
    }
}

pub(crate) fn master(seed: u8) -> MasterKey {
    MasterKey::from_bytes(Zeroizing::new([seed; 32]))
}

pub(crate) fn key_text(seed: u8) -> String {
    master(seed).to_text().to_string()
}

/// An empty configuration for `localhost`, with the given tables over it.
pub(crate) fn snapshot(tables: Value) -> Snapshot {
    let mut document = json!({
        "format": 1, "generation": 1, "domain": "localhost",
        "gateway": {"kind": "Gateway", "metadata": {"name": "default"}, "spec": {}},
        "services": {}, "namespaces": {}, "users": {}, "groups": {}, "policies": {}, "credentials": {}, "secrets": {},
    });
    for (name, table) in tables.as_object().unwrap() {
        document[name] = table.clone();
    }
    Snapshot::from_json(&document.to_string()).unwrap()
}

impl KeyValueStore for FlakyStore {
    fn get<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        self.reads.set(self.reads.get() + 1);
        if self.down.get() { Box::pin(async { Err(StoreError("down".into())) }) } else { self.inner.get(key) }
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], expires_in: Option<Duration>) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        if self.down.get() { Box::pin(async { Err(StoreError("down".into())) }) } else { self.inner.put(key, value, expires_in) }
    }

    fn delete<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        self.inner.delete(key)
    }

    fn reuse_for(&self) -> Duration {
        self.reuse_for.get()
    }
}

impl SecureRandom for FixedRandom {
    fn fill(&self, buffer: &mut [u8]) {
        for byte in buffer {
            self.0.set(self.0.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
            *byte = self.0.get().to_be_bytes()[0];
        }
    }
}
