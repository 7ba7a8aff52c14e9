//! Snapshots in the store: how a newer configuration reaches a deployment without deploying again.
//!
//! `snapshot/current` points to `snapshot/<sha256>`. The pointer carries a MAC of the deployment's own key, so that writing to
//! the store is not enough to change what the gateway does. On any doubt the running configuration stays.

#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::hex;
use crate::platform::{KeyValueStore, StoreError};
use crate::secret::{DerivedKey, KeyRing, Purpose, hmac_sha256};
use crate::snapshot::Snapshot;

/// The store's key of the pointer.
pub const CURRENT: &str = "snapshot/current";

/// Names the published Snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pointer {
    /// Of the Snapshot; an instance takes only a higher one than it has.
    pub generation: u64,
    /// The domain that it is for.
    pub audience: String,
    /// Of the Snapshot's JSON, in lower-case hexadecimal.
    pub sha256: String,
    /// The id of the master key behind the MAC.
    pub kid: String,
    /// HMAC-SHA-256 of the other fields, in lower-case hexadecimal.
    pub mac: String,
}

/// Why a published Snapshot is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublishError {
    /// The store could not be read; the next look may find it well again.
    Store(StoreError),
    /// The text says what of the entry is wrong.
    Refused(String),
}

impl Pointer {
    /// Signs a Snapshot's JSON for publication.
    pub fn sign(ring: &KeyRing, json: &str, generation: u64, audience: &str) -> Self {
        let key = ring.current(Purpose::Snapshot);
        let sha256 = digest(json);
        let mac = mac(&key, generation, audience, &sha256);
        Self { generation, audience: audience.to_owned(), sha256, kid: key.id().as_str().to_owned(), mac }
    }

    /// The store's key of the Snapshot itself.
    pub fn content_key(&self) -> String {
        format!("snapshot/{}", self.sha256)
    }

    fn is_signed(&self, ring: &KeyRing) -> bool {
        let Some(key) = ring.by_id(Purpose::Snapshot, &self.kid) else { return false };
        let expected = mac(&key, self.generation, &self.audience, &self.sha256);
        bool::from(expected.as_bytes().ct_eq(self.mac.as_bytes()))
    }
}

/// What is published, when it is newer than `running` (a generation). Nothing about it is proven yet.
///
/// # Errors
/// When the store does not answer, or what it has is no pointer.
pub async fn newer(store: &dyn KeyValueStore, running: u64) -> Result<Option<Pointer>, PublishError> {
    let Some(bytes) = store.get(CURRENT).await.map_err(PublishError::Store)? else { return Ok(None) };
    let pointer: Pointer = serde_json::from_slice(&bytes).map_err(|_| PublishError::Refused("its pointer is no pointer".to_owned()))?;
    Ok(Some(pointer).filter(|pointer| pointer.generation > running))
}

/// The Snapshot behind a pointer, when everything about it holds.
///
/// # Errors
/// When the store does not answer, or what is published must not be taken.
pub async fn take(store: &dyn KeyValueStore, ring: &KeyRing, domain: &str, pointer: &Pointer) -> Result<Snapshot, PublishError> {
    let refused = |why: &str| Err(PublishError::Refused(why.to_owned()));
    if pointer.audience != domain {
        return refused("it is for another domain");
    }
    if !pointer.is_signed(ring) {
        return refused("it was not signed with this deployment's key");
    }
    let Some(json) = store.get(&pointer.content_key()).await.map_err(PublishError::Store)? else {
        return refused("its content is not in the store");
    };
    let Ok(json) = String::from_utf8(json) else { return refused("its content is not text") };
    if digest(&json) != pointer.sha256 {
        return refused("its content is not what was signed");
    }
    let snapshot = Snapshot::from_json(&json).map_err(PublishError::Refused)?;
    if snapshot.generation != pointer.generation || snapshot.domain != domain {
        return refused("its content is of another generation or domain");
    }
    Ok(snapshot)
}

fn digest(json: &str) -> String {
    hex::encode(&Sha256::digest(json.as_bytes()))
}

fn mac(key: &DerivedKey, generation: u64, audience: &str, sha256: &str) -> String {
    // The digest has a fixed length and the number too, so no two pointers give the same text.
    hex::encode(&hmac_sha256(key.bytes(), &[&generation.to_be_bytes(), sha256.as_bytes(), audience.as_bytes()]))
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PublishError::Store(error) => write!(f, "{error}"),
            PublishError::Refused(why) => write!(f, "the published Snapshot is not taken: {why}"),
        }
    }
}

impl std::error::Error for PublishError {}
