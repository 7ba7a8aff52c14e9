use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::hex;
use crate::platform::{KeyValueStore, StoreError};
use crate::secret::SecretName;

/// One change to the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreWrite {
    /// Writes the value, over what may be there.
    Put { key: String, value: Vec<u8> },
    /// Removes the entry, if it is there.
    Delete { key: String },
}

/// Where the record of a credential is. The name comes from the operator and is a simple name.
pub fn credential_key(name: &str) -> String {
    format!("credential/{name}")
}

/// Where the name of the credential with this client id is. The id may come from a caller, so it enters as a digest.
pub fn client_key(client_id: &str) -> String {
    format!("client/{}", hex::encode(&Sha256::digest(client_id)))
}

/// Where the name of the credential with this access token is, by the token's keyed digest in hexadecimal.
pub(super) fn token_key(digest: &str) -> String {
    format!("token/{digest}")
}

/// Where a revoked token's entry is, by its `jti`.
pub(super) fn revocation_key(token_id: &str) -> String {
    format!("revoked/{}", hex::encode(&Sha256::digest(token_id)))
}

/// What an entry of a credential is sealed under, in place of a Secret's name.
pub fn entry_name(credential: &str, entry: &str) -> SecretName {
    // No name of a credential has a NUL.
    let digest = hex::encode(&Sha256::new().chain_update(credential).chain_update(b"\0").chain_update(entry).finalize());
    SecretName::of_entry(&digest)
}

/// Makes the changes, in order.
///
/// # Errors
/// The first [`StoreError`]. The order of a list is such that what was written until then can do no harm, and that writing the
/// whole list again completes it.
pub async fn write_all(store: &dyn KeyValueStore, writes: &[StoreWrite]) -> Result<(), StoreError> {
    for write in writes {
        match write {
            StoreWrite::Put { key, value } => store.put(key, value, None::<Duration>).await?,
            StoreWrite::Delete { key } => store.delete(key).await?,
        }
    }
    Ok(())
}
