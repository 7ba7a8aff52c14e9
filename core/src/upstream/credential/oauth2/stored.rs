//! Tokens in the store, sealed, so that instances which live for a second do not each ask for one.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::answer::Token;
use super::client::Client;
use crate::hex;
use crate::platform::{Platform, StoreError, Timestamp};
use crate::secret::{KeyRing, Purpose, SecretName, SecretValue, hmac_sha256, open, seal};

/// Where one client's token is.
pub struct Place {
    name: SecretName,
}

/// What is sealed. The store may forget an entry later than its token expires, so the time is inside.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    token: Cow<'a, str>,
    obtained_at: u64,
    expires_at: u64,
}

impl Place {
    /// The place depends on the client's secret, which nobody with a copy of the store may try to guess: hence a keyed digest.
    pub fn of(ring: &KeyRing, client: &Client) -> Option<Self> {
        let digest = hmac_sha256(ring.current(Purpose::Digest).bytes(), &[b"upstream-token\0", &client.fingerprint()]);
        let digits = hex::encode(&digest);
        // Half of it tells clients apart.
        SecretName::parse(&format!("upstream-token-{}", digits.get(..32)?)).ok().map(|name| Self { name })
    }

    fn key(&self) -> String {
        format!("upstream-token/{}", self.name.as_str())
    }

    /// What is there and can be read. A store that is down has nothing: there is always another way to a token.
    pub async fn read(&self, platform: &Platform, ring: &KeyRing) -> Option<Token> {
        let sealed = String::from_utf8(platform.store.get(&self.key()).await.ok()??).ok()?;
        let entry: Entry<'_> = serde_json::from_slice(open(ring, &self.name, &sealed).ok()?.expose()).ok()?;
        Some(Token {
            value: SecretValue::from(entry.token.into_owned()),
            obtained_at: Timestamp(entry.obtained_at),
            expires_at: Timestamp(entry.expires_at),
        })
    }

    /// # Errors
    /// The store's own.
    pub async fn write(&self, platform: &Platform, ring: &KeyRing, token: &Token) -> Result<(), StoreError> {
        let text = String::from_utf8_lossy(token.value.expose());
        let entry = Entry { token: text, obtained_at: token.obtained_at.0, expires_at: token.expires_at.0 };
        let json = serde_json::to_vec(&entry).map_err(|error| StoreError(error.to_string()))?;
        let sealed =
            seal(ring, platform.random.as_ref(), &self.name, &SecretValue::new(json)).map_err(|error| StoreError(error.to_string()))?;
        let left = token.expires_at.since(platform.clock.now());
        platform.store.put(&self.key(), sealed.as_bytes(), Some(left)).await
    }
}
