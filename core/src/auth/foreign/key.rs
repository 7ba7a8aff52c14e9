//! Keys of issuers: as JWK (RFC 7517, RFC 7518 §6, RFC 8037 §2), or a public key as PEM (RFC 7468 §13).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::VerifyingKey as Ed25519;
use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa::VerifyingKey as P256;
use p384::ecdsa::VerifyingKey as P384;
use rsa::pkcs8::DecodePublicKey;
use rsa::signature::Verifier;
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, RsaPublicKey, pkcs1v15, pss};
use serde::Deserialize;
use sha2::{Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::algorithm::Algorithm;

/// A key that can verify.
pub(super) struct Key {
    /// `kid`
    pub(super) id: Option<String>,
    /// What its `alg` says; `None` for all that its type can.
    only: Option<Algorithm>,
    material: Material,
}

enum Material {
    Rsa(Box<RsaPublicKey>),
    P256(Box<P256>),
    P384(Box<P384>),
    Ed25519(Box<Ed25519>),
    Secret(Zeroizing<Vec<u8>>),
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    r#use: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    k: Option<String>,
}

#[derive(Deserialize)]
struct JwkSet {
    keys: Vec<serde_json::Value>,
}

/// Keys of a set. Those beyond are not looked at.
const MAX_KEYS: usize = 100;
/// Bits of an RSA modulus (RFC 7518 §3.3); more only costs time.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
const PEM_BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const PEM_END: &str = "-----END PUBLIC KEY-----";

/// The keys that an operator wrote: a JWK, a set of them, or PEM.
///
/// # Errors
/// The text is for the operator, and quotes nothing of the keys.
pub(super) fn read_listed(text: &str) -> Result<Vec<Key>, String> {
    let text = text.trim();
    if text.starts_with("-----BEGIN") {
        return pem(text).map(|key| vec![key]).ok_or_else(|| {
            "this is no public key of RSA (2048 to 8192 bits), P-256, P-384 or Ed25519 as PEM, which begins with `-----BEGIN PUBLIC KEY-----`".to_owned()
        });
    }
    let value: serde_json::Value = serde_json::from_str(text).map_err(|_| "this is neither JSON nor PEM".to_owned())?;
    let keys = match serde_json::from_value::<JwkSet>(value.clone()) {
        Ok(set) => set.keys,
        Err(_) => vec![value],
    };
    let keys: Vec<_> = keys.into_iter().take(MAX_KEYS).filter_map(|key| jwk(key, true)).collect();
    if keys.is_empty() { Err(NO_KEY.to_owned()) } else { Ok(keys) }
}

/// The keys that an issuer publishes. Those that cannot be used here are left out, as sets hold keys for other purposes too.
///
/// # Errors
/// The text is for the log.
pub(super) fn read_published(bytes: &[u8]) -> Result<Vec<Key>, String> {
    let set: JwkSet = serde_json::from_slice(bytes).map_err(|_| "the answer is not a set of keys (RFC 7517 §5)".to_owned())?;
    let keys: Vec<_> = set.keys.into_iter().take(MAX_KEYS).filter_map(|key| jwk(key, false)).collect();
    if keys.is_empty() { Err(NO_KEY.to_owned()) } else { Ok(keys) }
}

const NO_KEY: &str = "there is no key that verifies signatures: RSA (2048 to 8192 bits), P-256, P-384 or Ed25519";

impl Key {
    pub(super) fn is_secret(&self) -> bool {
        matches!(self.material, Material::Secret(_))
    }

    /// Whether the key may be used so. It is the key that decides, never the token.
    pub(super) fn allows(&self, algorithm: Algorithm) -> bool {
        let fits = match &self.material {
            Material::Rsa(_) => algorithm.is_rsa(),
            Material::P256(_) => algorithm == Algorithm::Es256,
            Material::P384(_) => algorithm == Algorithm::Es384,
            Material::Ed25519(_) => algorithm == Algorithm::EdDsa,
            // As long as the hash at least (RFC 7518 §3.2).
            Material::Secret(secret) => match algorithm {
                Algorithm::Hs256 => secret.len() >= 32,
                Algorithm::Hs384 => secret.len() >= 48,
                Algorithm::Hs512 => secret.len() >= 64,
                _ => false,
            },
        };
        fits && self.only.is_none_or(|only| only == algorithm)
    }

    pub(super) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        if !self.allows(algorithm) {
            return false;
        }
        match &self.material {
            Material::Rsa(key) => rsa_verifies(key, algorithm, message, signature),
            Material::P256(key) => p256::ecdsa::Signature::from_slice(signature).is_ok_and(|it| key.verify(message, &it).is_ok()),
            Material::P384(key) => p384::ecdsa::Signature::from_slice(signature).is_ok_and(|it| key.verify(message, &it).is_ok()),
            Material::Ed25519(key) => {
                ed25519_dalek::Signature::from_slice(signature).is_ok_and(|it| key.verify_strict(message, &it).is_ok())
            }
            Material::Secret(secret) => hmac_verifies(secret, algorithm, message, signature),
        }
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({:?})", self.id)
    }
}

fn rsa_verifies(key: &RsaPublicKey, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
    let pkcs1 = || pkcs1v15::Signature::try_from(signature);
    let pss = || pss::Signature::try_from(signature);
    let key = key.clone();
    match algorithm {
        Algorithm::Rs256 => pkcs1().is_ok_and(|it| pkcs1v15::VerifyingKey::<Sha256>::new(key).verify(message, &it).is_ok()),
        Algorithm::Rs384 => pkcs1().is_ok_and(|it| pkcs1v15::VerifyingKey::<Sha384>::new(key).verify(message, &it).is_ok()),
        Algorithm::Rs512 => pkcs1().is_ok_and(|it| pkcs1v15::VerifyingKey::<Sha512>::new(key).verify(message, &it).is_ok()),
        Algorithm::Ps256 => pss().is_ok_and(|it| pss::VerifyingKey::<Sha256>::new(key).verify(message, &it).is_ok()),
        Algorithm::Ps384 => pss().is_ok_and(|it| pss::VerifyingKey::<Sha384>::new(key).verify(message, &it).is_ok()),
        Algorithm::Ps512 => pss().is_ok_and(|it| pss::VerifyingKey::<Sha512>::new(key).verify(message, &it).is_ok()),
        _ => false,
    }
}

fn hmac_verifies(secret: &[u8], algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
    let is = |found: Option<Result<(), _>>| matches!(found, Some(Ok(())));
    match algorithm {
        Algorithm::Hs256 => is(Hmac::<Sha256>::new_from_slice(secret).ok().map(|mac| mac.chain_update(message).verify_slice(signature))),
        Algorithm::Hs384 => is(Hmac::<Sha384>::new_from_slice(secret).ok().map(|mac| mac.chain_update(message).verify_slice(signature))),
        Algorithm::Hs512 => is(Hmac::<Sha512>::new_from_slice(secret).ok().map(|mac| mac.chain_update(message).verify_slice(signature))),
        _ => false,
    }
}

/// `None` for a key that is not for this.
fn jwk(value: serde_json::Value, takes_secrets: bool) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    if jwk.r#use.as_deref().is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    if jwk.key_ops.as_ref().is_some_and(|operations| !operations.iter().any(|operation| operation == "verify")) {
        return None;
    }
    let only = match jwk.alg.as_deref() {
        None => None,
        Some(name) => Some(Algorithm::parse(name)?),
    };
    let material = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", _) => Material::Rsa(Box::new(rsa_key(&decode(jwk.n.as_deref())?, &decode(jwk.e.as_deref())?)?)),
        ("EC", Some("P-256")) => Material::P256(Box::new(P256::from_sec1_bytes(&point(&jwk, 32)?).ok()?)),
        ("EC", Some("P-384")) => Material::P384(Box::new(P384::from_sec1_bytes(&point(&jwk, 48)?).ok()?)),
        ("OKP", Some("Ed25519")) => ed25519(Ed25519::from_bytes(&decode(jwk.x.as_deref())?.try_into().ok()?).ok()?)?,
        ("oct", _) if takes_secrets => Material::Secret(Zeroizing::new(decode(jwk.k.as_deref())?)),
        _ => return None,
    };
    let key = Key { id: jwk.kid, only, material };
    let is_usable = ALL.iter().any(|algorithm| key.allows(*algorithm));
    is_usable.then_some(key)
}

/// One of each type, and of each length of a secret.
const ALL: [Algorithm; 12] = [
    Algorithm::Hs256,
    Algorithm::Hs384,
    Algorithm::Hs512,
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::EdDsa,
];

fn pem(text: &str) -> Option<Key> {
    let inner = text.strip_prefix(PEM_BEGIN)?.strip_suffix(PEM_END)?;
    let der = STANDARD.decode(inner.split_ascii_whitespace().collect::<String>()).ok()?;
    let material = if let Ok(key) = RsaPublicKey::from_public_key_der(&der) {
        Material::Rsa(Box::new(of_good_size(key)?))
    } else if let Ok(key) = P256::from_public_key_der(&der) {
        Material::P256(Box::new(key))
    } else if let Ok(key) = P384::from_public_key_der(&der) {
        Material::P384(Box::new(key))
    } else {
        ed25519(Ed25519::from_public_key_der(&der).ok()?)?
    };
    Some(Key { id: None, only: None, material })
}

fn rsa_key(modulus: &[u8], exponent: &[u8]) -> Option<RsaPublicKey> {
    let bits = |bytes: &[u8]| u32::try_from(bytes.len().checked_mul(8)?).ok();
    if modulus.len() > RSA_BITS.end() / 8 || exponent.len() > 8 {
        return None;
    }
    let modulus = BoxedUint::from_be_slice(modulus, bits(modulus)?).ok()?;
    let exponent = BoxedUint::from_be_slice(exponent, bits(exponent)?).ok()?;
    of_good_size(RsaPublicKey::new(modulus, exponent).ok()?)
}

fn of_good_size(key: RsaPublicKey) -> Option<RsaPublicKey> {
    RSA_BITS.contains(&(key.n().bits_vartime() as usize)).then_some(key)
}

/// A weak key takes signatures that nobody made.
fn ed25519(key: Ed25519) -> Option<Material> {
    (!key.is_weak()).then(|| Material::Ed25519(Box::new(key)))
}

/// Uncompressed (SEC 1 §2.3.3), from coordinates of full length (RFC 7518 §6.2.1.2).
fn point(jwk: &Jwk, length: usize) -> Option<Vec<u8>> {
    let (x, y) = (decode(jwk.x.as_deref())?, decode(jwk.y.as_deref())?);
    (x.len() == length && y.len() == length).then(|| [&[4], x.as_slice(), y.as_slice()].concat())
}

fn decode(text: Option<&str>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok()
}
