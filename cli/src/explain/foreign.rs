//! A token of another issuer that nobody has issued: the Services take it by a key that is made for it.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use postern_core::platform::{SecureRandom, Timestamp};
use postern_core::resource::service::{Authentication, JwtKeys};
use postern_core::secret::hmac_sha256;
use postern_native::OperatingSystemRandom;
use serde_json::{Map, Value, json};

/// Seconds for which a token holds whose claims do not say until when.
const LIFETIME: u64 = 300;

/// The claims of a token.
pub struct Foreign {
    claims: Map<String, Value>,
    key: [u8; 32],
}

impl Foreign {
    pub fn new(claims: Map<String, Value>) -> Self {
        let mut key = [0; 32];
        OperatingSystemRandom::default().fill(&mut key);
        Self { claims, key }
    }

    /// The token, to be sent as `Authorization: Bearer`.
    pub(super) fn token(&self, now: Timestamp) -> String {
        let mut claims = self.claims.clone();
        claims.entry("exp").or_insert_with(|| (now.seconds() + LIFETIME).into());
        let part = |json: Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
        let signed = format!("{}.{}", part(json!({"alg": "HS256"})), part(claims.into()));
        let signature = BASE64_URL_SAFE_NO_PAD.encode(hmac_sha256(&self.key, &[signed.as_bytes()]));
        format!("{signed}.{signature}")
    }

    /// Lets the token in as one of the provider with its issuer, or else of the first one. An issuer or an audience that the claims do
    /// not name is not asked for; one that they name has to be right.
    pub(super) fn admit(&self, authentication: &mut Authentication) {
        let issuer = self.claims.get("iss").and_then(Value::as_str);
        let is_of_issuer = |wanted: &Option<String>| issuer.is_some() && wanted.as_deref() == issuer;
        let index = authentication.jwt.iter().position(|provider| is_of_issuer(&provider.issuer)).unwrap_or_default();
        let Some(mut provider) = authentication.jwt.get(index).cloned() else { return };
        let key = json!({"kty": "oct", "k": BASE64_URL_SAFE_NO_PAD.encode(self.key)});
        provider.jwks = JwtKeys { inline: Some(key.to_string()), ..JwtKeys::default() };
        provider.algorithms = Vec::new();
        provider.token_from = None;
        if issuer.is_none() {
            provider.issuer = None;
        }
        if !self.claims.contains_key("aud") {
            provider.audiences = Vec::new();
        }
        authentication.jwt = vec![provider];
    }
}
