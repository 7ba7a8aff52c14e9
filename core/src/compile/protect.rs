//! What becomes of plain secrets and keys in a configuration.

use crate::auth::key_digest;
use crate::hex;
use crate::platform::SecureRandom;
use crate::secret::{KeyRing, SecretName, SecretValue, seal};
use sha2::{Digest, Sha256};

/// Makes what stands for them in a Snapshot.
pub trait Protect {
    /// Seals a value under a name.
    ///
    /// # Errors
    /// The text is for the operator.
    fn seal(&self, name: &SecretName, value: &[u8]) -> Result<String, String>;

    /// The digest of an API key.
    fn digest(&self, key: &str) -> String;
}

/// Under the master keys of a deployment.
pub struct WithKeys<'a> {
    pub ring: &'a KeyRing,
    pub random: &'a dyn SecureRandom,
}

impl Protect for WithKeys<'_> {
    fn seal(&self, name: &SecretName, value: &[u8]) -> Result<String, String> {
        seal(self.ring, self.random, name, &SecretValue::new(value.to_vec())).map_err(|error| error.to_string())
    }

    fn digest(&self, key: &str) -> String {
        key_digest(self.ring, key)
    }
}

/// For a Snapshot that is looked at and thrown away.
pub struct Unprotected;

impl Protect for Unprotected {
    fn seal(&self, _: &SecretName, _: &[u8]) -> Result<String, String> {
        Ok(String::new())
    }

    fn digest(&self, key: &str) -> String {
        format!("00000000.{}", hex::encode(&Sha256::digest(key)))
    }
}
