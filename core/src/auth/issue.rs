//! Makes credentials. Everything here is a function of its arguments, so that the operator's tool can show what it will write.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::entry::{StoreWrite, client_key, credential_key, token_key};
use super::{Material, Scopes, SecretDigest, digest};
use crate::platform::{SecureRandom, Timestamp};
use crate::resource::CredentialType;
use crate::secret::{KeyRing, Purpose, SecretValue, is_simple_name};

/// What client secrets begin with, so that scanners and people recognize one.
pub const CLIENT_SECRET_PREFIX: &str = "pst_cs_";
/// What the tokens of `ACCESS_TOKEN` credentials begin with.
pub const ACCESS_TOKEN_PREFIX: &str = "pst_at_";
/// What the keys of `API_KEY` credentials begin with that are made here.
pub const API_KEY_PREFIX: &str = "pst_ak_";

/// Live secrets a credential has at most.
const LIVE_SECRETS: usize = 2;

/// A credential to make.
#[derive(Debug, Clone, Copy)]
pub struct NewCredential<'a> {
    pub name: &'a str,
    pub kind: CredentialType,
    /// `None` where a Credential resource of that name says whose it is.
    pub user: Option<&'a str>,
    /// Limits all its tokens; `None` for no limit.
    pub scope: Option<&'a str>,
    /// `None` for a credential that does not expire.
    pub expires_at: Option<Timestamp>,
}

/// A credential that was made or rotated. The plaintext exists here and nowhere else.
#[derive(Debug)]
pub struct Issued {
    /// What the store holds: digests.
    pub material: Material,
    pub plaintext: Plaintext,
    /// What to write to the store, all of it, before anybody gets the plaintext.
    pub writes: Vec<StoreWrite>,
}

/// What the holder gets, once.
#[derive(Debug, Clone)]
pub enum Plaintext {
    /// For the token endpoint's client credentials grant (RFC 6749 §4.4).
    Oauth2 { client_id: String, client_secret: SecretValue },
    /// A bearer token (RFC 6750), used as it is.
    AccessToken(SecretValue),
    /// For Services with `authentication.apiKey`.
    ApiKey(SecretValue),
}

/// Why no credential was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssueError {
    /// The credential's name or its user's is not a simple name.
    InvalidName,
    /// The scope cannot be read.
    InvalidScope,
    /// The kind has no material yet.
    UnsupportedType(CredentialType),
    /// Only a credential that is not revoked can be rotated.
    Revoked,
}

/// Makes a credential's first secret: 256 random bits in unreserved characters (RFC 3986 §2.3), which no form or header encodes
/// in two ways (RFC 6749 §2.3.1).
///
/// # Errors
/// [`IssueError`].
pub fn issue(ring: &KeyRing, random: &dyn SecureRandom, now: Timestamp, new: &NewCredential<'_>) -> Result<Issued, IssueError> {
    if !is_simple_name(new.name) || !new.user.is_none_or(is_simple_name) {
        return Err(IssueError::InvalidName);
    }
    if let Some(scope) = new.scope {
        Scopes::parse(scope).map_err(|_| IssueError::InvalidScope)?;
    }
    let client_id = match new.kind {
        CredentialType::Oauth2 => Some(client_id(random)),
        CredentialType::AccessToken | CredentialType::ApiKey => None,
        other @ CredentialType::AuthToken => return Err(IssueError::UnsupportedType(other)),
    };
    let material = Material {
        name: new.name.to_owned(),
        kind: new.kind,
        user: new.user.map(str::to_owned),
        client_id,
        scope: new.scope.map(str::to_owned),
        expires_at: new.expires_at.map(Timestamp::seconds),
        // The time rather than 1, so that tokens of a deleted credential of the same name stay dead.
        generation: now.seconds(),
        secrets: Vec::new(),
        revoked: false,
    };
    rotate(ring, random, now, material, None)
}

/// Adds a secret. The one before stays valid, for `keep_old_for` where that is given; of three, the oldest is dropped. Tokens
/// that were issued before live on.
///
/// # Errors
/// [`IssueError::Revoked`], [`IssueError::UnsupportedType`].
pub fn rotate(
    ring: &KeyRing,
    random: &dyn SecureRandom,
    now: Timestamp,
    mut material: Material,
    keep_old_for: Option<Duration>,
) -> Result<Issued, IssueError> {
    if material.revoked {
        return Err(IssueError::Revoked);
    }
    let key = ring.current(Purpose::Digest);
    let (plaintext, digest) = match (material.kind, &material.client_id) {
        (CredentialType::Oauth2, Some(client_id)) => {
            let secret = random_text(random, CLIENT_SECRET_PREFIX);
            let digest = digest::client_secret(&key, client_id, &secret);
            let client_secret = SecretValue::new(secret.as_bytes().to_vec());
            (Plaintext::Oauth2 { client_id: client_id.clone(), client_secret }, digest)
        }
        (CredentialType::AccessToken, None) => {
            let token = random_text(random, ACCESS_TOKEN_PREFIX);
            (Plaintext::AccessToken(SecretValue::new(token.as_bytes().to_vec())), digest::access_token(&key, &token))
        }
        (CredentialType::ApiKey, None) => {
            let text = random_text(random, API_KEY_PREFIX);
            (Plaintext::ApiKey(SecretValue::new(text.as_bytes().to_vec())), digest::api_key(&key, &text))
        }
        (other, _) => return Err(IssueError::UnsupportedType(other)),
    };
    let last_day = keep_old_for.map(|time| now.plus(time).seconds());
    for old in &mut material.secrets {
        old.expires_at = old.expires_at.into_iter().chain(last_day).min();
    }
    material.secrets.push(SecretDigest {
        digest: digest.clone(),
        key_id: key.id().to_string(),
        created_at: now.seconds(),
        expires_at: None,
    });
    let kept: Vec<_> = material.live(now).cloned().collect();
    let kept = kept.into_iter().rev().take(LIVE_SECRETS).rev().collect();
    let before = std::mem::replace(&mut material.secrets, kept);

    let mut writes = vec![put(credential_key(&material.name), material.encode(ring))];
    match &material.client_id {
        Some(client_id) => writes.push(put(client_key(client_id), material.name.clone().into_bytes())),
        None => {
            writes.push(put(token_key(&digest), material.name.clone().into_bytes()));
            let dropped = before.iter().filter(|old| !material.secrets.contains(old));
            writes.extend(dropped.map(|old| StoreWrite::Delete { key: token_key(&old.digest) }));
        }
    }
    Ok(Issued { material, plaintext, writes })
}

/// Ends a credential and all its tokens, and keeps its record.
pub fn revoke(ring: &KeyRing, now: Timestamp, mut material: Material) -> (Material, Vec<StoreWrite>) {
    material.revoked = true;
    material.generation = now.seconds().max(material.generation.saturating_add(1));
    let writes = vec![put(credential_key(&material.name), material.encode(ring))];
    (material, writes)
}

/// Removes a credential from the store; its tokens end with it.
pub fn remove(material: &Material) -> Vec<StoreWrite> {
    let indexes = match &material.client_id {
        Some(client_id) => vec![client_key(client_id)],
        None => material.secrets.iter().map(|secret| token_key(&secret.digest)).collect(),
    };
    let keys = std::iter::once(credential_key(&material.name)).chain(indexes);
    keys.map(|key| StoreWrite::Delete { key }).collect()
}

fn put(key: String, value: Vec<u8>) -> StoreWrite {
    StoreWrite::Put { key, value }
}

fn random_text(random: &dyn SecureRandom, prefix: &str) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; 32]);
    random.fill(bytes.as_mut_slice());
    let mut text = Zeroizing::new(String::from(prefix));
    URL_SAFE_NO_PAD.encode_string(bytes.as_slice(), &mut text);
    text
}

/// Four letters, a hyphen, four letters: short enough to read out. It is no secret.
fn client_id(random: &dyn SecureRandom) -> String {
    let mut letters = Vec::with_capacity(8);
    while letters.len() < 8 {
        let mut byte = [0];
        random.fill(&mut byte);
        let [byte] = byte;
        // 234 is the largest multiple of 26 in a byte; the rest would make some letters likelier.
        if byte < 234 {
            letters.push(char::from(b'a' + byte % 26));
        }
    }
    let (first, second) = letters.split_at(4);
    first.iter().chain(&['-']).chain(second).collect()
}

impl fmt::Display for IssueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IssueError::InvalidName => f.write_str("names take lower-case letters, digits and hyphens, a letter first, at most 64"),
            IssueError::InvalidScope => f.write_str("the scope is not a list of `service:…` and `api:…`"),
            IssueError::UnsupportedType(kind) => write!(f, "credentials of type {kind:?} cannot be made yet"),
            IssueError::Revoked => f.write_str("the credential is revoked: make a new one"),
        }
    }
}

impl std::error::Error for IssueError {}

#[cfg(test)]
mod tests;
