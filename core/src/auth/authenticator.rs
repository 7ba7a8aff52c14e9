use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use serde_json::Value;

use super::foreign::KeySets;
use super::issue::ACCESS_TOKEN_PREFIX;
use super::presented::presented;
use super::principal::Principal;
use super::state::State;
use super::{AuthFailure, ForeignAuthorization, Identity, Material, Scopes, TokenFault, digest, jwt};
use crate::platform::{Platform, Timestamp};
use crate::resource::CredentialType;
use crate::secret::{Bounded, KeyRing, Keys, Purpose};
use crate::snapshot::Snapshot;

/// Checks callers, and issues the tokens that they present. One for an instance and a Snapshot: it holds plain data, and takes the
/// platform with each call.
pub struct Authenticator {
    pub(super) snapshot: Rc<Snapshot>,
    pub(super) keys: Rc<Keys>,
    pub(super) state: State,
    issuer: String,
    /// By credential and user, or by who vouches for whom.
    pub(super) principals: Bounded<Arc<Principal>>,
    /// Of other issuers.
    pub(super) key_sets: KeySets,
}

/// A token, key or password that holds.
pub(super) struct Accepted {
    pub(super) principal: Arc<Principal>,
    /// `None` where somebody else vouches for the caller.
    pub(super) material: Option<Arc<Material>>,
    /// Empty for a password.
    pub(super) token_id: String,
    pub(super) scopes: Scopes,
    /// Seconds since 1970, of a token from the token endpoint.
    pub(super) issued_at: Option<u64>,
    /// Seconds since 1970.
    pub(super) expires_at: Option<u64>,
    pub(super) credential_expires_at: Option<Timestamp>,
    /// Of another issuer's token.
    pub(super) claims: Option<Arc<Value>>,
}

impl Accepted {
    /// A credential that is its own token: `digest` names it, and it lives as long as it stands.
    ///
    /// # Errors
    /// [`TokenFault::CredentialMismatch`] when its record has scopes that are none.
    pub(super) fn as_it_is(
        (principal, expires_at): (Arc<Principal>, Option<Timestamp>),
        material: Arc<Material>,
        digest: &str,
    ) -> Result<Self, TokenFault> {
        let scopes = material.scope.as_deref().map(Scopes::parse).transpose();
        Ok(Self {
            principal,
            scopes: scopes.map_err(|_| TokenFault::CredentialMismatch)?.unwrap_or_default(),
            material: Some(material),
            token_id: digest.chars().take(32).collect(),
            issued_at: None,
            expires_at: expires_at.map(Timestamp::seconds),
            credential_expires_at: expires_at,
            claims: None,
        })
    }
}

/// Principals remembered at a time.
const KEPT: usize = 1024;
/// An access token's life when the Gateway sets none, and the bounds on what it may set.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(3600);
const MIN_LIFETIME: Duration = Duration::from_secs(60);
const MAX_LIFETIME: Duration = Duration::from_secs(24 * 3600);

impl Authenticator {
    /// `keys` must be for the Snapshot's domain.
    pub fn new(snapshot: Rc<Snapshot>, keys: Rc<Keys>) -> Self {
        let url = snapshot.gateway.spec.url.clone();
        let issuer = url.unwrap_or_else(|| format!("https://{}", snapshot.domain));
        Self { snapshot, keys, state: State::new(), issuer, principals: Bounded::new(KEPT), key_sets: KeySets::default() }
    }

    /// Who sends these headers. `None` when they carry no token.
    ///
    /// # Errors
    /// [`AuthFailure`]; nothing that goes wrong lets anybody in.
    pub async fn authenticate(
        &self,
        platform: &Platform,
        headers: &HeaderMap,
        foreign: ForeignAuthorization,
    ) -> Result<Option<Identity>, AuthFailure> {
        let Some(presented) = presented(headers, foreign)? else { return Ok(None) };
        let accepted = self.accept(platform, presented.token).await?;
        Ok(Some(Identity::new(accepted, presented.headers)))
    }

    /// What tokens name as their issuer and audience: the Gateway's `url`, else `https://` and its domain. Never anything that a
    /// request says, so that a token is good at every address of the gateway and at no other gateway.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The realm of challenges.
    pub fn realm(&self) -> &str {
        &self.snapshot.domain
    }

    /// Checks a token, whichever way it came.
    pub(super) async fn accept(&self, platform: &Platform, token: &str) -> Result<Accepted, AuthFailure> {
        let ring = self.keys.ring(platform).await?;
        if token.starts_with(ACCESS_TOKEN_PREFIX) {
            self.accept_access_token(platform, &ring, token).await
        } else {
            self.accept_jwt(platform, &ring, token).await
        }
    }

    /// The credential's standing: revoked, disabled, expired, then its user's.
    pub(super) fn principal(&self, material: &Material, now: Timestamp) -> Result<(Arc<Principal>, Option<Timestamp>), TokenFault> {
        if material.revoked {
            return Err(TokenFault::CredentialRevoked);
        }
        let key = format!("{}\0{:?}\0{}", material.name, material.kind, material.user.as_deref().unwrap_or_default());
        let principal = match self.principals.get(&key) {
            Some(principal) => principal,
            None => {
                let principal = Arc::new(Principal::new(&self.snapshot, material)?);
                self.principals.insert(&key, principal.clone());
                principal
            }
        };
        let expires_at = principal.expires_at().into_iter().chain(material.expires_at.map(Timestamp::from_seconds)).min();
        if expires_at.is_some_and(|at| at <= now) { Err(TokenFault::CredentialExpired) } else { Ok((principal, expires_at)) }
    }

    /// The life of the tokens that are issued.
    pub(super) fn lifetime(&self) -> Duration {
        let set = self.snapshot.gateway.spec.tokens.access_token_duration;
        set.map_or(DEFAULT_LIFETIME, |set| set.to_std()).clamp(MIN_LIFETIME, MAX_LIFETIME)
    }

    async fn accept_jwt(&self, platform: &Platform, ring: &KeyRing, token: &str) -> Result<Accepted, AuthFailure> {
        let now = platform.clock.now();
        let claims = jwt::verify(ring, now, self.issuer(), token)?;
        let scopes = claims.scope.as_deref().map(Scopes::parse).transpose().map_err(|_| TokenFault::Claims)?.unwrap_or_default();
        // Together, as on the first use of a token both are a way across the network on some hosts.
        let material = self.state.material(platform, ring, &claims.cred);
        let revoked = self.state.is_revoked(platform, &claims.jti);
        let (material, revoked) = futures::future::join(material, revoked).await;
        let material = material??.ok_or(TokenFault::UnknownCredential)?;
        let (principal, credential_expires_at) = self.principal(&material, now)?;
        if material.generation != claims.generation {
            return Err(TokenFault::Superseded.into());
        }
        if revoked? {
            return Err(TokenFault::Revoked.into());
        }
        if material.client_id.as_ref() != Some(&claims.client_id) || principal.user_uid != claims.sub {
            return Err(TokenFault::CredentialMismatch.into());
        }
        Ok(Accepted {
            principal,
            material: Some(material),
            token_id: claims.jti,
            scopes,
            issued_at: Some(claims.iat),
            expires_at: Some(claims.exp),
            credential_expires_at,
            claims: None,
        })
    }

    async fn accept_access_token(&self, platform: &Platform, ring: &KeyRing, token: &str) -> Result<Accepted, AuthFailure> {
        let now = platform.clock.now();
        for key in ring.all(Purpose::Digest) {
            let digest = digest::access_token(&key, token);
            let Some(name) = self.state.name_of_token(platform, &digest).await? else { continue };
            let material = self.state.material(platform, ring, &name).await??.ok_or(TokenFault::UnknownCredential)?;
            let known = |material: &Material| material.live(now).any(|live| digest::equal(live.digest.as_bytes(), digest.as_bytes()));
            if material.kind != CredentialType::AccessToken || !known(&material) {
                return Err(TokenFault::UnknownCredential.into());
            }
            let standing = self.principal(&material, now)?;
            return Ok(Accepted::as_it_is(standing, material, &digest)?);
        }
        Err(TokenFault::UnknownCredential.into())
    }
}

#[cfg(test)]
mod tests;
