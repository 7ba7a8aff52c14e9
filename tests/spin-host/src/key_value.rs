//! `spin:key-value` and `wasi:keyvalue`, in memory, with the semantics of Spin's SQLite store.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wasmtime::component::{Accessor, FutureReader, Resource, StreamReader};

use crate::bindings::spin::key_value::key_value as spin;
use crate::bindings::wasi::keyvalue::{atomics, batch, store};
use crate::state::{HasState, State};

/// The content of an application's stores, by label and key. Shared by all its instances.
#[derive(Debug, Default)]
pub struct Stores {
    values: Mutex<BTreeMap<(String, String), Vec<u8>>>,
    increments_fail: AtomicBool,
    increments_as_text: AtomicBool,
}

impl Stores {
    pub fn get(&self, label: &str, key: &str) -> Option<Vec<u8>> {
        self.lock().get(&(label.to_owned(), key.to_owned())).cloned()
    }

    pub fn set(&self, label: &str, key: &str, value: Vec<u8>) {
        self.lock().insert((label.to_owned(), key.to_owned()), value);
    }

    pub fn delete(&self, label: &str, key: &str) {
        self.lock().remove(&(label.to_owned(), key.to_owned()));
    }

    pub fn keys(&self, label: &str) -> Vec<String> {
        self.lock().keys().filter(|(store, _)| store == label).map(|(_, key)| key.clone()).collect()
    }

    /// From now on every increment fails, or none.
    pub fn fail_increments(&self, fail: bool) {
        self.increments_fail.store(fail, Ordering::Relaxed);
    }

    /// From now on counters are decimal text, as Spin has them on Redis.
    pub fn keep_counters_as_text(&self) {
        self.increments_as_text.store(true, Ordering::Relaxed);
    }

    /// Adds to a counter, which starts at 0: eight bytes, little-endian, as on SQLite, unless they are kept as text. `None` if the value
    /// has another form.
    pub fn increment(&self, label: &str, key: &str, by: i64) -> Option<i64> {
        if self.increments_fail.load(Ordering::Relaxed) {
            return None;
        }
        let is_text = self.increments_as_text.load(Ordering::Relaxed);
        let mut values = self.lock();
        let entry = (label.to_owned(), key.to_owned());
        let before = match values.get(&entry) {
            None => 0,
            Some(text) if is_text => std::str::from_utf8(text).ok()?.parse().ok()?,
            Some(bytes) => i64::from_le_bytes(bytes.as_slice().try_into().ok()?),
        };
        let sum = before.checked_add(by)?;
        values.insert(entry, if is_text { sum.to_string().into_bytes() } else { sum.to_le_bytes().to_vec() });
        Some(sum)
    }

    /// Writes only if the value is still `current`. As in Spin, a key that had no value is written in any case.
    fn swap(&self, label: &str, key: &str, current: Option<&Vec<u8>>, value: Vec<u8>) -> bool {
        let mut values = self.lock();
        let entry = (label.to_owned(), key.to_owned());
        let unchanged = current.is_none() || values.get(&entry) == current;
        if unchanged {
            values.insert(entry, value);
        }
        unchanged
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(String, String), Vec<u8>>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A store that a component has opened.
pub struct Store {
    label: String,
    stores: Arc<Stores>,
}

/// A compare-and-swap that a component has begun.
pub struct Cas {
    store: Store,
    key: String,
    current: Option<Vec<u8>>,
}

impl Store {
    fn open(state: &State, label: String) -> Option<Self> {
        state.app.key_value_stores.contains(&label).then(|| Self { label, stores: state.app.stores.clone() })
    }

    fn same(&self) -> Self {
        Self { label: self.label.clone(), stores: self.stores.clone() }
    }
}

type Outcome<T, E> = wasmtime::Result<Result<T, E>>;

impl spin::Host for State {}

impl spin::HostStore for State {
    fn drop(&mut self, store: Resource<Store>) -> wasmtime::Result<()> {
        self.table.delete(store).map(drop).map_err(Into::into)
    }
}

impl<T: Send> spin::HostStoreWithStore<T> for HasState {
    async fn open(accessor: &Accessor<T, Self>, label: String) -> Outcome<Resource<Store>, spin::Error> {
        accessor.with(|mut access| {
            let state = access.get();
            match Store::open(state, label) {
                Some(store) => Ok(Ok(state.table.push(store)?)),
                None => Ok(Err(spin::Error::AccessDenied)),
            }
        })
    }

    async fn get(accessor: &Accessor<T, Self>, store: Resource<Store>, key: String) -> Outcome<Option<Vec<u8>>, spin::Error> {
        with_store(accessor, &store, |store| store.stores.get(&store.label, &key))
    }

    async fn set(accessor: &Accessor<T, Self>, store: Resource<Store>, key: String, value: Vec<u8>) -> Outcome<(), spin::Error> {
        with_store(accessor, &store, |store| store.stores.set(&store.label, &key, value))
    }

    async fn delete(accessor: &Accessor<T, Self>, store: Resource<Store>, key: String) -> Outcome<(), spin::Error> {
        with_store(accessor, &store, |store| store.stores.delete(&store.label, &key))
    }

    async fn exists(accessor: &Accessor<T, Self>, store: Resource<Store>, key: String) -> Outcome<bool, spin::Error> {
        with_store(accessor, &store, |store| store.stores.get(&store.label, &key).is_some())
    }

    async fn get_keys(
        accessor: &Accessor<T, Self>,
        store: Resource<Store>,
    ) -> wasmtime::Result<(StreamReader<String>, FutureReader<Result<(), spin::Error>>)> {
        accessor.with(|mut access| {
            let store = access.get().table.get(&store)?;
            let keys = store.stores.keys(&store.label);
            let end = async { wasmtime::error::Ok(Ok(())) };
            Ok((StreamReader::new(&mut access, keys)?, FutureReader::new(&mut access, end)?))
        })
    }
}

fn with_store<T, R>(accessor: &Accessor<T, HasState>, store: &Resource<Store>, call: impl FnOnce(&Store) -> R) -> Outcome<R, spin::Error> {
    accessor.with(|mut access| Ok(Ok(call(access.get().table.get(store)?))))
}

impl store::Host for State {
    fn open(&mut self, label: String) -> Outcome<Resource<Store>, store::Error> {
        match Store::open(self, label) {
            Some(store) => Ok(Ok(self.table.push(store)?)),
            None => Ok(Err(store::Error::AccessDenied)),
        }
    }
}

impl store::HostBucket for State {
    fn get(&mut self, bucket: Resource<Store>, key: String) -> Outcome<Option<Vec<u8>>, store::Error> {
        let store = self.table.get(&bucket)?;
        Ok(Ok(store.stores.get(&store.label, &key)))
    }

    fn set(&mut self, bucket: Resource<Store>, key: String, value: Vec<u8>) -> Outcome<(), store::Error> {
        let store = self.table.get(&bucket)?;
        store.stores.set(&store.label, &key, value);
        Ok(Ok(()))
    }

    fn delete(&mut self, bucket: Resource<Store>, key: String) -> Outcome<(), store::Error> {
        let store = self.table.get(&bucket)?;
        store.stores.delete(&store.label, &key);
        Ok(Ok(()))
    }

    fn exists(&mut self, bucket: Resource<Store>, key: String) -> Outcome<bool, store::Error> {
        let store = self.table.get(&bucket)?;
        Ok(Ok(store.stores.get(&store.label, &key).is_some()))
    }

    /// As Spin's, it answers with all keys at once and refuses a cursor.
    fn list_keys(&mut self, bucket: Resource<Store>, cursor: Option<String>) -> Outcome<store::KeyResponse, store::Error> {
        if cursor.is_some() {
            return Ok(Err(store::Error::Other("list_keys: cursor not supported".into())));
        }
        let store = self.table.get(&bucket)?;
        Ok(Ok(store::KeyResponse { keys: store.stores.keys(&store.label), cursor: None }))
    }

    fn drop(&mut self, bucket: Resource<Store>) -> wasmtime::Result<()> {
        self.table.delete(bucket).map(drop).map_err(Into::into)
    }
}

impl atomics::Host for State {
    fn increment(&mut self, bucket: Resource<Store>, key: String, delta: i64) -> Outcome<i64, store::Error> {
        let store = self.table.get(&bucket)?;
        let sum = store.stores.increment(&store.label, &key, delta);
        Ok(sum.ok_or_else(|| store::Error::Other("the value is no counter".into())))
    }

    fn swap(&mut self, cas: Resource<Cas>, value: Vec<u8>) -> Outcome<(), atomics::CasError> {
        let Cas { store, key, current } = self.table.delete(cas)?;
        if store.stores.swap(&store.label, &key, current.as_ref(), value) {
            return Ok(Ok(()));
        }
        let retry = self.table.push(Cas { store, key, current: None })?;
        Ok(Err(atomics::CasError::CasFailed(retry)))
    }
}

impl atomics::HostCas for State {
    fn new(&mut self, bucket: Resource<Store>, key: String) -> Outcome<Resource<Cas>, store::Error> {
        let store = self.table.get(&bucket)?.same();
        Ok(Ok(self.table.push(Cas { store, key, current: None })?))
    }

    fn current(&mut self, cas: Resource<Cas>) -> Outcome<Option<Vec<u8>>, store::Error> {
        let cas = self.table.get_mut(&cas)?;
        cas.current = cas.store.stores.get(&cas.store.label, &cas.key);
        Ok(Ok(cas.current.clone()))
    }

    fn drop(&mut self, cas: Resource<Cas>) -> wasmtime::Result<()> {
        self.table.delete(cas).map(drop).map_err(Into::into)
    }
}

type Entries = Vec<(String, Option<Vec<u8>>)>;

impl batch::Host for State {
    fn get_many(&mut self, bucket: Resource<Store>, keys: Vec<String>) -> Outcome<Entries, store::Error> {
        let store = self.table.get(&bucket)?;
        let values = keys.into_iter().map(|key| {
            let value = store.stores.get(&store.label, &key);
            (key, value)
        });
        Ok(Ok(values.collect()))
    }

    fn set_many(&mut self, bucket: Resource<Store>, entries: Vec<(String, Vec<u8>)>) -> Outcome<(), store::Error> {
        let store = self.table.get(&bucket)?;
        for (key, value) in entries {
            store.stores.set(&store.label, &key, value);
        }
        Ok(Ok(()))
    }

    fn delete_many(&mut self, bucket: Resource<Store>, keys: Vec<String>) -> Outcome<(), store::Error> {
        let store = self.table.get(&bucket)?;
        for key in keys {
            store.stores.delete(&store.label, &key);
        }
        Ok(Ok(()))
    }
}
