use std::fmt;
use std::rc::Rc;

use super::{InvalidName, KeyError, Keys, ReuseCache, SealError, SecretName, SecretValue, Unusable, open};
use crate::error::Retry;
use crate::platform::{Platform, StoreError};
use crate::snapshot::Snapshot;

/// Secrets of one instance remembered at a time.
const KEPT: usize = 256;

/// Finds the values behind `fromSecret`. One for an instance and a Snapshot.
pub struct Secrets {
    snapshot: Rc<Snapshot>,
    keys: Rc<Keys>,
    cache: ReuseCache<Result<SecretValue, SecretError>>,
}

/// Why there is no value. To a caller all of these are the same 502; the texts are for the log and name no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretError {
    /// The name cannot be a Secret's.
    InvalidName,
    /// Neither in the store, nor in the configuration, nor in the environment.
    Missing,
    /// It is sealed, and there is no master key to open it with.
    Key(KeyError),
    /// It was sealed under a master key that is no longer known.
    WrongKey { id: String },
    /// What is stored is not what was sealed.
    Corrupted,
    /// The store did not answer, so nobody knows.
    StoreDown(StoreError),
    /// It cannot stand in the header that it is meant for.
    Unusable,
}

impl SecretError {
    /// Whether it can be had later: while the store is down nobody knows, all else somebody has to mend.
    pub fn retry(&self) -> Retry {
        if matches!(self, Self::StoreDown(_)) { Retry::Soon } else { Retry::No }
    }
}

impl Secrets {
    pub fn new(snapshot: Rc<Snapshot>, keys: Rc<Keys>) -> Self {
        Self { snapshot, keys, cache: ReuseCache::new(KEPT) }
    }

    /// Looks in the store, then in the Snapshot, then among the platform's own secrets. The first place that has the name decides:
    /// a value there that cannot be opened is an error, never a reason to use an older one from elsewhere.
    ///
    /// # Errors
    /// [`SecretError`].
    pub async fn resolve(&self, platform: &Platform, name: &str) -> Result<SecretValue, SecretError> {
        let name = SecretName::parse(name)?;
        let found = self.cache.get_or_read(platform, name.as_str(), self.read(platform, &name)).await;
        found.unwrap_or_else(|error| Err(SecretError::StoreDown(error)))
    }

    async fn read(&self, platform: &Platform, name: &SecretName) -> Result<Result<SecretValue, SecretError>, StoreError> {
        let stored = platform.store.get(&name.store_key()).await?;
        let sealed = match stored {
            Some(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Some(text),
                Err(_) => return Ok(Err(SecretError::Corrupted)),
            },
            None => match self.snapshot.secret(name.as_str()) {
                Some(secret) => secret.spec.sealed,
                // It has the name, and a newer version wrote it.
                None if self.snapshot.secrets.contains_key(name.as_str()) => return Ok(Err(SecretError::Corrupted)),
                None => None,
            },
        };
        Ok(match sealed {
            Some(sealed) => self.unseal(platform, name, &sealed).await,
            None => match platform.secrets.get(&name.variable()).await {
                Some(value) => Ok(SecretValue::new(value.as_bytes().to_vec())),
                None => Err(SecretError::Missing),
            },
        })
    }

    /// Opens what is sealed under that name.
    ///
    /// # Errors
    /// [`SecretError`].
    pub async fn unseal(&self, platform: &Platform, name: &SecretName, sealed: &str) -> Result<SecretValue, SecretError> {
        let ring = self.keys.ring(platform).await.map_err(SecretError::Key)?;
        Ok(open(&ring, name, sealed)?)
    }
}

impl From<InvalidName> for SecretError {
    fn from(_: InvalidName) -> Self {
        SecretError::InvalidName
    }
}

impl From<Unusable> for SecretError {
    fn from(_: Unusable) -> Self {
        SecretError::Unusable
    }
}

impl From<SealError> for SecretError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::WrongKey { id } => SecretError::WrongKey { id },
            SealError::Corrupted => SecretError::Corrupted,
        }
    }
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretError::InvalidName => InvalidName.fmt(f),
            SecretError::Missing => {
                f.write_str("there is no such secret in the store, the configuration or the environment: `postern create secret` makes one")
            }
            SecretError::Key(error) => write!(f, "the secret is sealed: {error}"),
            SecretError::WrongKey { id } => SealError::WrongKey { id: id.clone() }.fmt(f),
            SecretError::Corrupted => SealError::Corrupted.fmt(f),
            SecretError::StoreDown(error) => error.fmt(f),
            SecretError::Unusable => Unusable.fmt(f),
        }
    }
}

impl std::error::Error for SecretError {}

#[cfg(test)]
mod tests;
