use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::digest;
use crate::platform::Timestamp;
use crate::resource::CredentialType;
use crate::secret::{KeyRing, Purpose};

/// Names the format and its version.
const FORMAT: &str = "pcr1";

/// A credential's record in the store: what proves it, and whether it still may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Material {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: CredentialType,
    /// Only for a credential without a Credential resource, which names the user otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// `OAUTH2` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// What its tokens are limited to; absent for no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Seconds since 1970; refused from then on, as with the resource's `expiresAt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<u64>,
    /// Tokens carry it; those of another generation are refused. It changes when the credential is made anew or revoked, not when
    /// its secret is rotated.
    pub generation: u64,
    /// Oldest first, at most two.
    pub secrets: Vec<SecretDigest>,
    /// Nothing of it counts any more, and it cannot be rotated.
    #[serde(default)]
    pub revoked: bool,
}

/// The digest of a secret that was handed out once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecretDigest {
    /// Hexadecimal.
    pub digest: String,
    /// The master key that the digest was made under.
    pub key_id: String,
    /// Seconds since 1970.
    pub created_at: u64,
    /// Seconds since 1970; set on the old secret when a rotation gives it a last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<u64>,
}

/// Why a record cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MaterialError {
    /// It was written under a master key that is neither the current nor the previous one.
    WrongKey { id: String },
    /// It is not what was written for this name.
    Corrupted,
}

impl Material {
    /// The stored text: `pcr1.<key id>.<mac>.<json>`. With the mac, whoever can only write to the store cannot make or change a
    /// credential.
    pub fn encode(&self, ring: &KeyRing) -> Vec<u8> {
        // A struct of strings and numbers always has a JSON text; an empty one would be refused by `decode`.
        let json = serde_json::to_string(self).unwrap_or_default();
        let key = ring.current(Purpose::Digest);
        let mac = URL_SAFE_NO_PAD.encode(digest::record(&key, json.as_bytes()));
        format!("{FORMAT}.{}.{mac}.{json}", key.id()).into_bytes()
    }

    /// Reads what [`Material::encode`] wrote for the credential of this name.
    ///
    /// # Errors
    /// [`MaterialError`].
    pub fn decode(ring: &KeyRing, name: &str, stored: &[u8]) -> Result<Self, MaterialError> {
        let text = std::str::from_utf8(stored).map_err(|_| MaterialError::Corrupted)?;
        let mut parts = text.splitn(4, '.');
        let (Some(FORMAT), Some(id), Some(mac), Some(json)) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(MaterialError::Corrupted);
        };
        let key = ring.by_id(Purpose::Digest, id).ok_or_else(|| MaterialError::WrongKey { id: id.chars().take(16).collect() })?;
        let mac = URL_SAFE_NO_PAD.decode(mac).map_err(|_| MaterialError::Corrupted)?;
        if !digest::equal(&mac, &digest::record(&key, json.as_bytes())) {
            return Err(MaterialError::Corrupted);
        }
        let material: Self = serde_json::from_str(json).map_err(|_| MaterialError::Corrupted)?;
        if material.name == name { Ok(material) } else { Err(MaterialError::Corrupted) }
    }

    /// The digests that still count.
    pub(super) fn live(&self, now: Timestamp) -> impl Iterator<Item = &SecretDigest> {
        self.secrets.iter().filter(move |secret| secret.expires_at.is_none_or(|at| at > now.seconds()))
    }
}

impl fmt::Display for MaterialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MaterialError::WrongKey { id } => {
                write!(f, "the credential was written under the master key {id:?}, which is neither POSTERN_KEY nor POSTERN_KEY_PREVIOUS")
            }
            MaterialError::Corrupted => f.write_str("the credential's record in the store is not what was written there"),
        }
    }
}

impl std::error::Error for MaterialError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::testing::master;
    use crate::testing::test;

    fn material() -> Material {
        Material {
            name: "app".into(),
            kind: CredentialType::Oauth2,
            user: Some("alice".into()),
            client_id: Some("abcd-efgh".into()),
            scope: None,
            expires_at: None,
            generation: 7,
            secrets: vec![SecretDigest { digest: "00".into(), key_id: "k".into(), created_at: 1, expires_at: Some(9) }],
            revoked: false,
        }
    }

    #[test]
    fn reads_only_what_it_wrote() {
        let ring = KeyRing::new("localhost", master(1), None);
        let stored = String::from_utf8(material().encode(&ring)).unwrap();
        assert_eq!(Material::decode(&ring, "app", stored.as_bytes()), Ok(material()));
        let corrupted = [
            stored.replace("alice", "admin"),
            stored.replace("pcr1", "pcr2"),
            stored.replace("\"generation\":7", "\"generation\":8"),
            stored.split_at(stored.len() - 1).0.into(),
            "{}".into(),
            String::new(),
        ];
        for text in corrupted {
            assert_eq!(Material::decode(&ring, "app", text.as_bytes()), Err(MaterialError::Corrupted), "{text}");
        }
        assert_eq!(Material::decode(&ring, "other", stored.as_bytes()), Err(MaterialError::Corrupted), "moved to another name");
        assert_eq!(Material::decode(&ring, "app", &[0xff]), Err(MaterialError::Corrupted));
    }

    #[test]
    fn needs_the_master_key_of_its_writing() {
        let stored = material().encode(&KeyRing::new("localhost", master(1), None));
        let read = |ring: KeyRing| Material::decode(&ring, "app", &stored).err();
        assert_eq!(read(KeyRing::new("localhost", master(2), Some(master(1)))), None);
        assert_eq!(read(KeyRing::new("localhost", master(2), None)), Some(MaterialError::WrongKey { id: master(1).id().to_string() }));
        assert_eq!(read(KeyRing::new("example.com", master(1), None)), Some(MaterialError::Corrupted));
    }
}
