//! Spin's key-value store, by the two interfaces that it has. Neither has expiry: whoever reads a value checks its own.

use std::time::Duration;

use bindings::wasi::keyvalue::{atomics, store};
use postern_core::platform::{CounterError, CounterKey, CounterStore, KeyValueStore, LocalBoxFuture, Precision, StoreError, Timestamp};
use spin_sdk::key_value::Store;

/// The label in `spin.toml`.
const LABEL: &str = "default";

/// Values by `spin:key-value`, whose calls let other requests of the instance run meanwhile.
pub struct SpinKeyValueStore;

impl KeyValueStore for SpinKeyValueStore {
    fn get<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        // Whoever starts Spin can overwrite an entry (`spin up --key-value`), not delete it: an empty one counts as absent.
        Box::pin(async move { Ok(open().await?.get(key).await.map_err(store_error)?.filter(|value| !value.is_empty())) })
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], _expires_in: Option<Duration>) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { open().await?.set(key, value).await.map_err(store_error) })
    }

    fn delete<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { open().await?.delete(key).await.map_err(store_error) })
    }

    /// The store may be across a network.
    fn reuse_for(&self) -> Duration {
        Duration::from_secs(30)
    }
}

/// Counters by `increment` of `wasi:keyvalue`, which is exact on SQLite and Redis. (A read and a write lose counts; a
/// compare-and-swap never succeeds on Redis.) The core removes what is over.
pub struct SpinCounterStore;

impl CounterStore for SpinCounterStore {
    fn increment<'a>(&'a self, key: &'a CounterKey, by: i64, _expires_at: Timestamp) -> LocalBoxFuture<'a, Result<i64, CounterError>> {
        Box::pin(async move {
            let counted = store::open(LABEL).and_then(|bucket| atomics::increment(&bucket, key.as_str(), by));
            counted.map_err(|error| CounterError(error.to_string()))
        })
    }

    fn remove<'a>(&'a self, key: &'a CounterKey) -> LocalBoxFuture<'a, Result<(), CounterError>> {
        Box::pin(async move {
            let removed = store::open(LABEL).and_then(|bucket| bucket.delete(key.as_str()));
            removed.map_err(|error| CounterError(error.to_string()))
        })
    }

    fn precision(&self) -> Precision {
        Precision::Exact
    }
}

async fn open() -> Result<Store, StoreError> {
    Store::open(LABEL).await.map_err(store_error)
}

fn store_error(error: spin_sdk::key_value::Error) -> StoreError {
    StoreError(error.to_string())
}

mod bindings {
    spin_sdk::wit_bindgen::generate!({ path: "wit", runtime_path: "spin_sdk::wit_bindgen::rt", generate_all });
}
