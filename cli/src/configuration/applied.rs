use std::time::Duration;

use anyhow::{Context, Result};
use futures::FutureExt;
use postern_core::auth::StoreWrite;
use postern_core::compile::restore;
use postern_core::platform::{KeyValueStore, LocalBoxFuture, StoreError};
use postern_core::publish::{CURRENT, Pointer, newer, take};
use postern_core::resource::AnyResource;
use postern_core::secret::KeyRing;
use postern_core::snapshot::Snapshot;
use postern_manifest::Manifest;

use crate::target::Target;

/// What stands in reports where a file's name would.
pub const ORIGIN: &str = "<applied>";

/// What was applied to a target's store: the Snapshot that is published there.
pub struct Applied {
    pub snapshot: Snapshot,
}

impl Applied {
    /// Reads and verifies what was applied; `None` when nothing was.
    ///
    /// # Errors
    /// When the store cannot be read, or holds something that was not published with the target's key.
    pub fn read(target: &dyn Target) -> Result<Option<Self>> {
        let store = Published(target);
        let unusable = || format!("`postern apply --prune` replaces what was applied to {}", target.name());
        let Some(pointer) = now(newer(&store, 0))?.with_context(unusable)? else { return Ok(None) };
        let ring = target.keys()?.ring(&pointer.audience);
        let snapshot = now(take(&store, &ring, &pointer.audience, &pointer))?.with_context(unusable)?;
        Ok(Some(Self { snapshot }))
    }

    /// The resources as they were written.
    pub fn resources(&self) -> Vec<AnyResource> {
        restore(&self.snapshot)
    }

    /// Adds them to what was read from files.
    pub fn add_to(&self, manifest: &mut Manifest) {
        for resource in self.resources() {
            manifest.add(ORIGIN, resource);
        }
    }
}

/// What the store says is published, not verified; `None` also when that cannot be read.
///
/// # Errors
/// When the store cannot be read.
pub fn pointer(target: &dyn Target) -> Result<Option<Pointer>> {
    let stored = target.get(&key_in(target, CURRENT))?;
    Ok(stored.and_then(|stored| serde_json::from_slice(&stored).ok()))
}

/// The changes that publish a Snapshot.
///
/// # Errors
/// When the Snapshot cannot be written as JSON.
pub fn publication(target: &dyn Target, ring: &KeyRing, snapshot: &Snapshot) -> Result<Vec<StoreWrite>> {
    let json = serde_json::to_string(snapshot)?;
    let new = Pointer::sign(ring, &json, snapshot.generation, &snapshot.domain);
    let mut writes = vec![
        // The content first: whoever reads the new pointer finds it.
        StoreWrite::Put { key: key_in(target, &new.content_key()), value: json.into_bytes() },
        StoreWrite::Put { key: key_in(target, CURRENT), value: serde_json::to_vec(&new)? },
    ];
    // Elsewhere the old pointer is still served for a while, and what it names must then be there.
    if target.reads_its_writes()
        && let Some(old) = pointer(target)?.filter(|old| old.sha256 != new.sha256)
    {
        writes.push(StoreWrite::Delete { key: key_in(target, &old.content_key()) });
    }
    Ok(writes)
}

/// The store answers at once, so the future is ready at the first poll.
fn now<T>(future: impl Future<Output = T>) -> Result<T> {
    future.now_or_never().context("the store did not answer")
}

/// Where a target keeps what the core knows as `snapshot/…`.
fn key_in(target: &dyn Target, key: &str) -> String {
    key.replacen("snapshot", target.applied(), 1)
}

/// A target's published Snapshot, as the core reads it.
struct Published<'a>(&'a dyn Target);

impl KeyValueStore for Published<'_> {
    fn get<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        let found = self.0.get(&key_in(self.0, key)).map_err(|error| StoreError(format!("{error:#}")));
        Box::pin(std::future::ready(found))
    }

    fn put<'a>(&'a self, _: &'a str, _: &'a [u8], _: Option<Duration>) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        Box::pin(std::future::ready(Err(read_only())))
    }

    fn delete<'a>(&'a self, _: &'a str) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        Box::pin(std::future::ready(Err(read_only())))
    }

    fn reuse_for(&self) -> Duration {
        Duration::ZERO
    }
}

fn read_only() -> StoreError {
    StoreError("it is only read here".into())
}
