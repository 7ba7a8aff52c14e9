use std::sync::Arc;

use super::entry::{client_key, credential_key, revocation_key, token_key};
use super::{Material, MaterialError};
use crate::platform::{Platform, StoreError};
use crate::secret::{KeyRing, ReuseCache, is_simple_name};

/// What the store says of credentials and tokens, as an instance remembers it.
pub(super) struct State {
    materials: ReuseCache<Result<Option<Arc<Material>>, MaterialError>>,
    /// Names of credentials by client id or token, under their keys in the store.
    names: ReuseCache<Option<String>>,
    /// Under their keys in the store.
    revoked: ReuseCache<bool>,
}

/// Entries of each kind remembered at a time.
const KEPT: usize = 4096;

impl State {
    pub(super) fn new() -> Self {
        Self { materials: ReuseCache::new(KEPT), names: ReuseCache::new(KEPT), revoked: ReuseCache::new(KEPT) }
    }

    /// The record of a credential, whose name must be one that this gateway signed or stored.
    pub(super) async fn material(
        &self,
        platform: &Platform,
        ring: &KeyRing,
        name: &str,
    ) -> Result<Result<Option<Arc<Material>>, MaterialError>, StoreError> {
        if !is_simple_name(name) {
            return Ok(Err(MaterialError::Corrupted));
        }
        let read = async {
            let stored = platform.store.get(&credential_key(name)).await?;
            Ok(stored.map(|bytes| Material::decode(ring, name, &bytes)).transpose().map(|found| found.map(Arc::new)))
        };
        self.materials.get_or_read(platform, name, read).await
    }

    /// The name of the credential with this client id. The caller checks that the credential agrees.
    pub(super) async fn name_of_client(&self, platform: &Platform, client_id: &str) -> Result<Option<String>, StoreError> {
        self.name(platform, client_key(client_id)).await
    }

    /// The name of the credential with this token, by its digest. The caller checks that the credential agrees.
    pub(super) async fn name_of_token(&self, platform: &Platform, digest: &str) -> Result<Option<String>, StoreError> {
        self.name(platform, token_key(digest)).await
    }

    pub(super) async fn is_revoked(&self, platform: &Platform, token_id: &str) -> Result<bool, StoreError> {
        let key = revocation_key(token_id);
        let read = async { Ok(platform.store.get(&key).await?.is_some()) };
        self.revoked.get_or_read(platform, &key, read).await
    }

    /// Writes the revocation of a token, which the store may forget once the token has expired.
    pub(super) async fn revoke(&self, platform: &Platform, token_id: &str, expires_at: u64) -> Result<(), StoreError> {
        let key = revocation_key(token_id);
        let left = expires_at.saturating_sub(platform.clock.now().seconds());
        // A minute more than the token has, for clocks that differ; and 60 s is the least that stores take.
        let expires_in = std::time::Duration::from_secs(left.saturating_add(60));
        platform.store.put(&key, b"1", Some(expires_in)).await?;
        self.revoked.remember(platform, &key, true);
        Ok(())
    }

    async fn name(&self, platform: &Platform, key: String) -> Result<Option<String>, StoreError> {
        let read = async { Ok(platform.store.get(&key).await?.and_then(|bytes| String::from_utf8(bytes).ok())) };
        self.names.get_or_read(platform, &key, read).await
    }
}
