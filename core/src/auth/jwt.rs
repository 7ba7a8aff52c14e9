//! Access tokens as JWTs (RFC 9068) signed with HS256. Only this gateway issues and reads them, so anything it would not have
//! written itself is refused (RFC 8725): any other algorithm or type, any header member or claim beyond its own, and any claim twice.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::{TokenFault, digest};
use crate::platform::Timestamp;
use crate::secret::{DerivedKey, KeyRing, Purpose, hmac_sha256};

/// Beyond this a token is not even decoded. The longest that is issued has about 4 KB, most of it scopes.
const MAX_TOKEN: usize = 8192;
/// How far the clocks of two instances may differ. It does not lengthen a token's life.
const SKEW: Duration = Duration::from_secs(60);
/// A signing key is used for a week and accepted for one more, far beyond the longest life of a token (24 h).
const EPOCH: u64 = 7 * 24 * 3600;
const ALGORITHM: &str = "HS256";
const TYPE: &str = "at+jwt";

/// What a token says. Times are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) aud: String,
    /// The `uid` of the user.
    pub(super) sub: String,
    pub(super) client_id: String,
    pub(super) iat: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) nbf: Option<u64>,
    pub(super) exp: u64,
    pub(super) jti: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<String>,
    /// The name of the credential.
    pub(super) cred: String,
    /// The credential's generation.
    #[serde(rename = "gen")]
    pub(super) generation: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    /// `<epoch>.<id of the master key>`
    kid: String,
}

/// Signs the claims with the key of the current epoch.
pub(super) fn sign(ring: &KeyRing, now: Timestamp, claims: &Claims) -> String {
    let epoch = epoch(now);
    let key = ring.current(Purpose::Token(epoch));
    let header = Header { alg: ALGORITHM.into(), typ: TYPE.into(), kid: format!("{epoch}.{}", key.id()) };
    // Structs of strings and numbers always have a JSON text; an empty one would be refused by `verify`.
    let encode = |json: serde_json::Result<Vec<u8>>| URL_SAFE_NO_PAD.encode(json.unwrap_or_default());
    let mut token = format!("{}.{}", encode(serde_json::to_vec(&header)), encode(serde_json::to_vec(claims)));
    let signature = URL_SAFE_NO_PAD.encode(hs256(key.bytes(), &token));
    token.push('.');
    token.push_str(&signature);
    token
}

/// Checks everything that the token itself can tell. Nothing but the header is read before the signature holds, and of the
/// header only `kid` chooses anything.
///
/// # Errors
/// [`TokenFault`], for the log.
pub(super) fn verify(ring: &KeyRing, now: Timestamp, issuer: &str, token: &str) -> Result<Claims, TokenFault> {
    if token.len() > MAX_TOKEN {
        return Err(TokenFault::TooLong);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenFault::Malformed)?;
    let (header, payload) = signed.split_once('.').ok_or(TokenFault::Malformed)?;
    let header = read_header(header).ok_or(TokenFault::Malformed)?;
    if header.alg != ALGORITHM {
        return Err(TokenFault::Algorithm);
    }
    if header.typ != TYPE {
        return Err(TokenFault::Type);
    }
    let key = key(ring, now, &header.kid).ok_or(TokenFault::UnknownKey)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenFault::Signature)?;
    if !digest::equal(&signature, &hs256(key.bytes(), signed)) {
        return Err(TokenFault::Signature);
    }
    let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| TokenFault::Malformed)?;
    let claims: Claims = serde_json::from_slice(&payload).map_err(|_| TokenFault::Claims)?;
    check(&claims, now, issuer)?;
    Ok(claims)
}

/// Whether the text has the form of a token from this gateway, valid or not. Most texts are told by their first letters: it is what
/// the base64 of a JSON object begins with.
pub(super) fn looks_like_ours(token: &str) -> bool {
    if !token.starts_with("ey") || token.len() > MAX_TOKEN {
        return false;
    }
    let header = token.split('.').next().and_then(read_header);
    header.is_some_and(|header| header.typ == TYPE && read_kid(&header.kid).is_some())
}

fn check(claims: &Claims, now: Timestamp, issuer: &str) -> Result<(), TokenFault> {
    let latest = now.plus(SKEW).seconds();
    if claims.iss != issuer {
        Err(TokenFault::Issuer)
    } else if claims.aud != issuer {
        Err(TokenFault::Audience)
    } else if claims.exp <= now.seconds() {
        Err(TokenFault::Expired)
    } else if claims.iat > latest || claims.nbf.is_some_and(|nbf| nbf > latest) {
        Err(TokenFault::NotYetValid)
    } else {
        Ok(())
    }
}

fn key(ring: &KeyRing, now: Timestamp, kid: &str) -> Option<std::rc::Rc<DerivedKey>> {
    let (named, id) = read_kid(kid)?;
    let current = epoch(now);
    // An instance whose clock is ahead may already sign with the next epoch's key.
    let accepted = named == current || Some(named) == current.checked_sub(1) || named == epoch(now.plus(SKEW));
    if accepted { ring.by_id(Purpose::Token(named), id) } else { None }
}

fn read_header(segment: &str) -> Option<Header> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(segment).ok()?).ok()
}

fn read_kid(kid: &str) -> Option<(u64, &str)> {
    let (epoch, id) = kid.split_once('.')?;
    Some((epoch.parse().ok()?, id))
}

const fn epoch(now: Timestamp) -> u64 {
    now.seconds() / EPOCH
}

/// RFC 7518 §3.2.
fn hs256(key: &[u8], signing_input: &str) -> [u8; 32] {
    hmac_sha256(key, &[signing_input.as_bytes()])
}

#[cfg(test)]
mod tests;
