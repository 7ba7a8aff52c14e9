use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::secret::{DerivedKey, KeyRing, Purpose, hex, hmac_sha256};

/// Where the store keeps what is said of the published Snapshot, a [`Publication`] as JSON.
pub const CURRENT: &str = "snapshot/current";

/// Names a Snapshot in the store, and proves that it was published by somebody who has the master key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Publication {
    /// The Snapshot's own.
    pub generation: u64,
    /// The domain that the Snapshot is for.
    pub audience: String,
    /// Of the Snapshot's JSON, in hexadecimal.
    pub sha256: String,
    /// `<key id>.<base64url>`: HMAC-SHA-256 over the other fields.
    pub mac: String,
}

/// Why a published Snapshot is not to be used. The texts are for the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicationError {
    /// It is not what was written there, or not for this domain.
    Corrupted,
    /// It was published under a master key that is neither the current nor the previous one.
    WrongKey,
}

impl Publication {
    /// Publishes a Snapshot's JSON.
    pub fn sign(ring: &KeyRing, generation: u64, audience: &str, snapshot: &str) -> Self {
        let key = ring.current(Purpose::Snapshot);
        let sha256 = hex(&Sha256::digest(snapshot));
        let mut publication = Self { generation, audience: audience.to_owned(), sha256, mac: String::new() };
        publication.mac = format!("{}.{}", key.id(), URL_SAFE_NO_PAD.encode(publication.authenticate(&key)));
        publication
    }

    /// Reads what [`CURRENT`] holds. Nothing of it is to be believed until [`Publication::verify`] has been asked.
    ///
    /// # Errors
    /// [`PublicationError::Corrupted`].
    pub fn parse(stored: &[u8]) -> Result<Self, PublicationError> {
        serde_json::from_slice(stored).map_err(|_| PublicationError::Corrupted)
    }

    /// Whether it was published for this domain by somebody who has the ring's master key, and `snapshot` is what was published.
    ///
    /// # Errors
    /// [`PublicationError`].
    pub fn verify(&self, ring: &KeyRing, domain: &str, snapshot: &[u8]) -> Result<(), PublicationError> {
        let (id, mac) = self.mac.split_once('.').ok_or(PublicationError::Corrupted)?;
        let key = ring.by_id(Purpose::Snapshot, id).ok_or(PublicationError::WrongKey)?;
        let mac = URL_SAFE_NO_PAD.decode(mac).map_err(|_| PublicationError::Corrupted)?;
        let is_signed: bool = mac.ct_eq(&self.authenticate(&key)).into();
        let holds = is_signed && self.audience == domain && self.sha256 == hex(&Sha256::digest(snapshot));
        if holds { Ok(()) } else { Err(PublicationError::Corrupted) }
    }

    /// Where the store keeps the Snapshot's JSON.
    pub fn content_key(&self) -> String {
        format!("snapshot/{}", self.sha256)
    }

    fn authenticate(&self, key: &DerivedKey) -> [u8; 32] {
        // The number's length is fixed and the hash's, so no two publications give the same bytes.
        hmac_sha256(key.bytes(), &[&self.generation.to_be_bytes(), self.sha256.as_bytes(), b"\0", self.audience.as_bytes()])
    }
}

impl fmt::Display for PublicationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PublicationError::Corrupted => "it is not what was published there for this domain",
            PublicationError::WrongKey => {
                "it was published under a master key that is neither POSTERN_KEY nor POSTERN_KEY_PREVIOUS"
            }
        })
    }
}

impl std::error::Error for PublicationError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::testing::master;
    use crate::testing::test;

    fn ring(domain: &str) -> KeyRing {
        KeyRing::new(domain, master(1), None)
    }

    #[test]
    fn only_what_was_published_is_taken() {
        let signed = Publication::sign(&ring("localhost"), 7, "localhost", "{}");
        let stored = serde_json::to_vec(&signed).unwrap();
        let read = Publication::parse(&stored).unwrap();
        assert_eq!(read.verify(&ring("localhost"), "localhost", b"{}"), Ok(()));
        assert_eq!(read.content_key(), format!("snapshot/{}", signed.sha256));

        let other_content = Publication { sha256: hex(&Sha256::digest("[]")), ..signed.clone() };
        let table = [
            (Publication { generation: 8, ..signed.clone() }, "{}", "another generation"),
            (Publication { audience: "example.com".into(), ..signed.clone() }, "{}", "another audience"),
            (other_content, "[]", "another Snapshot"),
            (signed.clone(), "[]", "another content"),
            (Publication { mac: signed.mac.replace('.', ""), ..signed.clone() }, "{}", "no key id"),
            (Publication { mac: format!("{}.", master(1).id()), ..signed.clone() }, "{}", "no mac"),
        ];
        for (publication, content, why) in table {
            let got = publication.verify(&ring("localhost"), "localhost", content.as_bytes());
            assert_eq!(got, Err(PublicationError::Corrupted), "{why}");
        }
        assert_eq!(signed.verify(&ring("example.com"), "example.com", b"{}"), Err(PublicationError::Corrupted));
        assert_eq!(Publication::parse(b"{}"), Err(PublicationError::Corrupted));
    }

    #[test]
    fn the_master_key_before_still_verifies() {
        let signed = Publication::sign(&ring("localhost"), 7, "localhost", "{}");
        let rotated = KeyRing::new("localhost", master(2), Some(master(1)));
        assert_eq!(signed.verify(&rotated, "localhost", b"{}"), Ok(()));
        let gone = KeyRing::new("localhost", master(2), None);
        assert_eq!(signed.verify(&gone, "localhost", b"{}"), Err(PublicationError::WrongKey));
    }
}
