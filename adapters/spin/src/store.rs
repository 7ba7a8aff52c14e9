use std::time::Duration;

use postern_core::platform::{KeyValueStore, LocalBoxFuture, StoreError};
use spin_sdk::key_value::Store;

/// The label in `spin.toml`.
pub const LABEL: &str = "default";

/// Values by `spin:key-value`, whose calls let other requests of the instance run meanwhile. It has no expiry: whoever reads a value
/// checks its own.
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

pub async fn open() -> Result<Store, StoreError> {
    Store::open(LABEL).await.map_err(store_error)
}

fn store_error(error: spin_sdk::key_value::Error) -> StoreError {
    StoreError(error.to_string())
}
