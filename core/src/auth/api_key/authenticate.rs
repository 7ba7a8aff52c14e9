//! From the text of a key to the credential that it is one of.

use std::sync::Arc;

use super::super::authenticator::{Accepted, Authenticator};
use super::super::issue::API_KEY_PREFIX;
use super::super::{AuthFailure, Material, TokenFault, digest};
use super::ApiKeys;
use crate::platform::Platform;
use crate::resource::CredentialType;
use crate::secret::{KeyRing, Purpose};

impl Authenticator {
    /// Checks a key. `None` when it is nobody's, so that something else may take it.
    pub(in crate::auth) async fn accept_api_key(
        &self,
        platform: &Platform,
        keys: &ApiKeys,
        text: &str,
    ) -> Result<Option<Accepted>, AuthFailure> {
        // Keys that come from elsewhere are in the Snapshot; only what was made here is worth a question to the store.
        let is_ours = text.starts_with(API_KEY_PREFIX);
        if !is_ours && self.snapshot.keys.is_empty() {
            return Ok(None);
        }
        let ring = self.keys.ring(platform).await?;
        let found = match self.listed(&ring, text) {
            None if is_ours => self.stored(platform, &ring, text).await?,
            listed => listed,
        };
        let Some((material, digest)) = found else { return Ok(None) };
        let standing = self.principal(&material, platform.clock.now())?;
        let resource = standing.0.resource.as_ref();
        if !keys.takes(resource.map_or(&Default::default(), |resource| &resource.metadata.labels)) {
            return Err(TokenFault::OtherLabels.into());
        }
        if !keys.has_entries(resource.map(|resource| &resource.spec)) {
            return Err(TokenFault::MissingEntry.into());
        }
        Ok(Some(Accepted::as_it_is(standing, material, &digest)?))
    }

    /// A key of the configuration, with its digest.
    fn listed(&self, ring: &KeyRing, text: &str) -> Option<(Arc<Material>, String)> {
        ring.all(Purpose::Digest).find_map(|key| {
            let digest = digest::api_key(&key, text);
            let name = self.snapshot.keys.get(&format!("{}.{digest}", key.id()))?;
            let material = Material {
                name: name.clone(),
                kind: CredentialType::ApiKey,
                user: None,
                client_id: None,
                scope: None,
                expires_at: None,
                generation: 0,
                secrets: Vec::new(),
                revoked: false,
            };
            Some((Arc::new(material), digest))
        })
    }

    /// A key of the store, with its digest.
    async fn stored(&self, platform: &Platform, ring: &KeyRing, text: &str) -> Result<Option<(Arc<Material>, String)>, AuthFailure> {
        let now = platform.clock.now();
        for key in ring.all(Purpose::Digest) {
            let digest = digest::api_key(&key, text);
            let Some(name) = self.state.name_of_token(platform, &digest).await? else { continue };
            let material = self.state.material(platform, ring, &name).await??.ok_or(TokenFault::UnknownCredential)?;
            let known = material.live(now).any(|live| digest::equal(live.digest.as_bytes(), digest.as_bytes()));
            if material.kind != CredentialType::ApiKey || !known {
                return Err(TokenFault::UnknownCredential.into());
            }
            return Ok(Some((material, digest)));
        }
        Ok(None)
    }
}
