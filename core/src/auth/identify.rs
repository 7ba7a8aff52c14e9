//! Who calls a Service that says itself how callers prove who they are.

use std::sync::Arc;

use http::{HeaderMap, HeaderName};
use serde_json::{Map, Value};

use super::authenticator::{Accepted, Authenticator};
use super::methods::{Found, Methods};
use super::principal::Principal;
use super::{AuthFailure, ForeignAuthorization, Identity, Scopes, TokenFault, presented};
use crate::platform::Platform;
use crate::receive::remove_alike;
use crate::resource::CredentialEntry;
use crate::resource::service::JwtPolicy;
use crate::secret::SecretName;

/// Names a list of passwords where an issuer of tokens would have its own name, which no issuer can have.
pub(super) const PASSWORDS: &str = "basic";

/// What a request is let in with.
pub struct Admitted {
    /// `None` where nobody has to prove who they are.
    pub identity: Option<Identity>,
    /// Headers to be set to entries of the caller's credential.
    pub entries: Vec<(HeaderName, EntryValue)>,
}

/// Where an entry's value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryValue {
    /// In a Secret.
    Secret(String),
    /// Sealed under this name.
    Sealed(SecretName, String),
    /// Nowhere: the configuration was not checked.
    Missing,
}

impl Authenticator {
    /// Finds out who calls. Of the request, what proved it is removed, unless the Service keeps it, and the headers are set that the
    /// Service makes of a token's claims. Headers of these names that the caller sent are gone in any case.
    ///
    /// # Errors
    /// [`AuthFailure`]; nothing that goes wrong lets anybody in.
    pub async fn identify(
        &self,
        platform: &Platform,
        methods: &Methods,
        (headers, query): (&mut HeaderMap, &mut Option<String>),
        foreign: ForeignAuthorization,
    ) -> Result<Admitted, AuthFailure> {
        let found = methods.find(headers, query.as_deref(), foreign)?;
        let admitted = match &found {
            None if methods.is_optional() => None,
            None => return Err(AuthFailure::MissingCredentials),
            Some(found) => match self.accept_any(platform, methods, found).await {
                Ok(admitted) => Some(admitted),
                Err(AuthFailure::InvalidToken(_)) if methods.policy == JwtPolicy::AllowMissingOrFailed && !found.providers.is_empty() => {
                    None
                }
                Err(failure) => return Err(failure),
            },
        };
        // What did not prove anything goes too: whoever reads it further on would take it for good.
        let stays = admitted.as_ref().is_some_and(|(_, way)| methods.keeps(way));
        let carriers = found.map(|found| found.carriers).unwrap_or_default();
        if !stays {
            carriers.iter().for_each(|carrier| carrier.remove(headers, query));
        }
        for header in methods.own_headers().filter(|header| !stays || !carriers.iter().any(|carrier| carrier.is_header(header))) {
            remove_alike(headers, header);
        }
        Ok(match admitted {
            Some((accepted, way)) => admit(methods, accepted, &way, headers),
            None => Admitted { identity: None, entries: Vec::new() },
        })
    }

    /// Asks each way in that reads the place where the credential is. What looks like a token of this gateway is nothing else.
    async fn accept_any(&self, platform: &Platform, methods: &Methods, found: &Found) -> Result<(Accepted, Way), AuthFailure> {
        let text = found.text.as_str();
        if let (true, Some(passwords)) = (found.password, &methods.passwords) {
            let name = passwords.verify(text).ok_or(TokenFault::Password)?;
            let user = Some(name).filter(|name| self.snapshot.users.contains_key(*name));
            return Ok((self.vouched(PASSWORDS, name, user)?, Way::Other));
        }
        if found.token && presented::is_access_token(text) {
            return Ok((self.accept(platform, text).await?, Way::Other));
        }
        if let (true, Some(keys)) = (found.api_key, &methods.api_key)
            && let Some(accepted) = self.accept_api_key(platform, keys, text).await?
        {
            return Ok((accepted, Way::ApiKey));
        }
        let mut failure = None;
        for &index in &found.providers {
            match self.accept_foreign(platform, methods, index, text).await {
                Ok(accepted) => return Ok(accepted),
                // Of several reasons, that of the issuer whose token it is tells most.
                Err(AuthFailure::InvalidToken(TokenFault::Issuer)) if failure.is_some() => {}
                Err(error) => failure = Some(error),
            }
        }
        match failure {
            Some(failure) => Err(failure),
            None if found.token => Ok((self.accept(platform, text).await?, Way::Other)),
            None => Err(TokenFault::UnknownCredential.into()),
        }
    }

    async fn accept_foreign(
        &self,
        platform: &Platform,
        methods: &Methods,
        index: usize,
        token: &str,
    ) -> Result<(Accepted, Way), AuthFailure> {
        let provider = methods.providers.get(index).ok_or(TokenFault::UnknownKey)?;
        let verified = provider.verifier.verify(platform, &self.key_sets, token).await?;
        let users = self.snapshot.identities.get(&provider.name);
        let user = users.and_then(|users| users.get(&verified.subject)).map(String::as_str);
        let accepted = self.vouched(&provider.name, &verified.subject, user)?;
        let claims = Arc::new(Value::Object(verified.claims.clone()));
        let token_id = verified.claims.get("jti").and_then(Value::as_str).unwrap_or_default().to_owned();
        let accepted = Accepted { claims: Some(claims), token_id, expires_at: Some(verified.expires_at), ..accepted };
        Ok((accepted, Way::Provider(index, verified.claims)))
    }

    /// The caller whom somebody else vouches for.
    fn vouched(&self, by: &str, identifier: &str, user: Option<&str>) -> Result<Accepted, TokenFault> {
        let key = format!("{by}\0{identifier}\0\0");
        let principal = match self.principals.get(&key) {
            Some(principal) => principal,
            None => {
                let principal = Arc::new(Principal::vouched(&self.snapshot, by, identifier, user)?);
                self.principals.insert(&key, principal.clone());
                principal
            }
        };
        Ok(Accepted {
            principal,
            material: None,
            token_id: String::new(),
            scopes: Scopes::default(),
            issued_at: None,
            expires_at: None,
            credential_expires_at: None,
            claims: None,
        })
    }
}

/// How somebody was let in, as far as it has consequences.
pub(super) enum Way {
    ApiKey,
    /// By its place, with the claims.
    Provider(usize, Map<String, Value>),
    Other,
}

fn admit(methods: &Methods, accepted: Accepted, way: &Way, headers: &mut HeaderMap) -> Admitted {
    let mut entries = Vec::new();
    let mut sets_authorization = false;
    match way {
        Way::ApiKey => {
            let credential = accepted.principal.resource.as_ref();
            for mapping in methods.api_key.iter().flat_map(|keys| &keys.entries) {
                let entry = credential.and_then(|it| Some((&it.metadata.name, it.spec.entries.get(&mapping.entry)?)));
                if let Some((credential, entry)) = entry {
                    entries.push((mapping.header.clone(), value_of(credential, &mapping.entry, entry)));
                }
            }
            sets_authorization = entries.iter().any(|(header, _)| *header == http::header::AUTHORIZATION);
        }
        Way::Provider(index, claims) => {
            for mapping in methods.providers.get(*index).into_iter().flat_map(|provider| &provider.claims) {
                let Some(value) = mapping.value(claims) else { continue };
                sets_authorization |= mapping.header == http::header::AUTHORIZATION;
                if mapping.append {
                    headers.append(mapping.header.clone(), value);
                } else {
                    headers.insert(mapping.header.clone(), value);
                }
            }
        }
        Way::Other => {}
    }
    // What proved it is gone already, or is meant to stay.
    let mut identity = Identity::new(accepted, Vec::new());
    identity.sets_authorization = sets_authorization;
    Admitted { identity: Some(identity), entries }
}

fn value_of(credential: &str, name: &str, entry: &CredentialEntry) -> EntryValue {
    match (&entry.from_secret, &entry.sealed) {
        (Some(secret), _) => EntryValue::Secret(secret.clone()),
        (None, Some(sealed)) => EntryValue::Sealed(super::entry_name(credential, name), sealed.clone()),
        (None, None) => EntryValue::Missing,
    }
}
