//! Tokens of other issuers: signed JSON Web Tokens (RFC 7519, RFC 7515), checked as RFC 8725 asks. A key decides which algorithms hold
//! for it, and a token only says which key it means: `jku`, `x5u`, `jwk` and `x5c` of its header are not looked at.

mod algorithm;
mod claims;
mod key;
mod key_sets;
mod token;

use std::rc::Rc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::{AuthFailure, TokenFault};
use crate::check::{each, exactly_one, url};
use crate::platform::Platform;
use crate::problem::Problems;
use crate::resource::service::{JwtKeys, JwtProvider};
use algorithm::Algorithm;
use key::Key;
pub(super) use key_sets::KeySets;
use key_sets::Remote;
use token::Token;

/// Checks the tokens of one issuer.
#[derive(Debug)]
pub(super) struct Verifier {
    issuer: Option<String>,
    audiences: Vec<String>,
    /// Empty for whatever the keys allow.
    algorithms: Vec<Algorithm>,
    skew: Duration,
    keys: Keys,
}

#[derive(Debug)]
enum Keys {
    Listed(Rc<[Key]>),
    Remote(Remote),
}

/// What a good token says.
#[derive(Debug)]
pub(super) struct Verified {
    /// `sub`
    pub(super) subject: String,
    /// Seconds since 1970.
    pub(super) expires_at: u64,
    pub(super) claims: Map<String, Value>,
}

const DEFAULT_SKEW: Duration = Duration::from_secs(60);
/// Signatures that are tried for a token without `kid`.
const MAX_TRIES: usize = 8;

impl Verifier {
    pub(super) fn compile(source: &JwtProvider, problems: &mut Problems) -> Option<Self> {
        let is_remote = source.jwks.url.is_some();
        let algorithms = each(problems, "algorithms", &source.algorithms, |problems, name| {
            let algorithm = Algorithm::parse(name);
            match algorithm {
                None => problems.error_with_help(format!("{name:?} is not an algorithm that is taken"), Algorithm::NAMES),
                Some(algorithm) if algorithm.is_symmetric() && is_remote => {
                    problems.error("keys that are published cannot sign with this: whoever reads them could too");
                }
                Some(_) => {}
            }
            algorithm
        });
        let algorithms: Vec<_> = algorithms.into_iter().flatten().collect();
        let keys = problems.at("jwks", |problems| compile_keys(&source.jwks, &algorithms, problems))?;
        Some(Self {
            issuer: source.issuer.clone(),
            audiences: source.audiences.clone(),
            algorithms,
            skew: source.clock_skew.map_or(DEFAULT_SKEW, |skew| skew.to_std()),
            keys,
        })
    }

    /// Checks a token: whose it is said to be, then the signature, then the rest.
    ///
    /// # Errors
    /// [`TokenFault`]; that the keys cannot be fetched, which is nobody's fault here.
    pub(super) async fn verify(&self, platform: &Platform, sets: &KeySets, text: &str) -> Result<Verified, AuthFailure> {
        let token = Token::read(text)?;
        let claims = token.claims()?;
        // Before any work that a stranger could cause, and again as all else: it is signed as well.
        if self.issuer.as_deref().is_some_and(|issuer| claims.get("iss").and_then(Value::as_str) != Some(issuer)) {
            return Err(TokenFault::Issuer.into());
        }
        let algorithm = token.algorithm()?;
        if !self.algorithms.is_empty() && !self.algorithms.contains(&algorithm) {
            return Err(TokenFault::Algorithm.into());
        }
        let keys = match &self.keys {
            Keys::Listed(keys) => keys.clone(),
            Keys::Remote(remote) => {
                let keys = sets.keys(platform, remote).await?;
                // Issuers change their keys at any time.
                if candidates(&keys, &token, algorithm).is_err() { sets.newer(platform, remote).await.unwrap_or(keys) } else { keys }
            }
        };
        check_signature(&keys, &token)?;
        Ok(claims::check(claims, platform.clock.now(), &self.audiences, self.skew)?)
    }
}

fn check_signature(keys: &[Key], token: &Token<'_>) -> Result<(), TokenFault> {
    let algorithm = token.algorithm()?;
    let is_signed = candidates(keys, token, algorithm)?.iter().any(|key| key.verifies(algorithm, token.signed, &token.signature));
    if is_signed { Ok(()) } else { Err(TokenFault::Signature) }
}

/// The keys that the token may mean, of those that the algorithm is for.
fn candidates<'k>(keys: &'k [Key], token: &Token<'_>, algorithm: Algorithm) -> Result<Vec<&'k Key>, TokenFault> {
    let is_meant = |key: &&Key| match (&token.key_id, &key.id) {
        (Some(meant), Some(id)) => meant == id,
        _ => true,
    };
    let meant: Vec<_> = keys.iter().filter(is_meant).collect();
    if meant.is_empty() {
        return Err(TokenFault::UnknownKey);
    }
    let fit: Vec<_> = meant.into_iter().filter(|key| key.allows(algorithm)).take(MAX_TRIES).collect();
    if fit.is_empty() { Err(TokenFault::Algorithm) } else { Ok(fit) }
}

fn compile_keys(source: &JwtKeys, algorithms: &[Algorithm], problems: &mut Problems) -> Option<Keys> {
    exactly_one(problems, &[("url", source.url.is_some()), ("inline", source.inline.is_some())]);
    if source.cache_for.is_some() && source.url.is_none() {
        problems.at("cacheFor", |p| p.error("only keys from a `url` are fetched"));
    }
    if let Some(address) = &source.url {
        return problems.at("url", |problems| match url::parse(address) {
            Err(fault) => {
                problems.error(fault);
                None
            }
            Ok(uri) if !matches!(uri.scheme_str(), Some("http" | "https")) => {
                problems.error("the scheme is `https` or `http`");
                None
            }
            Ok(uri) => Some(Keys::Remote(Remote::compile(uri, source.cache_for, problems))),
        });
    }
    problems.at("inline", |problems| {
        let keys = match key::read_listed(source.inline.as_deref()?) {
            Ok(keys) => keys,
            Err(fault) => {
                problems.error(fault);
                return None;
            }
        };
        if keys.iter().any(Key::is_secret) {
            problems.warning_with_help("anybody who reads the file can sign with this key", "let the issuer sign with a pair of keys");
        }
        if !algorithms.is_empty() && !keys.iter().any(|key| algorithms.iter().any(|algorithm| key.allows(*algorithm))) {
            problems.error("no key is for one of the `algorithms`");
        }
        Some(Keys::Listed(keys.into()))
    })
}

#[cfg(test)]
mod tests;
