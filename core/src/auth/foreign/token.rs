use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::TokenFault;
use crate::json;

/// A token taken apart (RFC 7515 §7.1). Nothing of it holds yet.
pub(super) struct Token<'t> {
    pub(super) algorithm: String,
    /// `kid`
    pub(super) key_id: Option<String>,
    pub(super) claims: Map<String, Value>,
    /// What the signature is of.
    pub(super) signed: &'t [u8],
    pub(super) signature: Vec<u8>,
}

/// Beyond this a token is not even decoded.
const MAX_TOKEN: usize = 16 << 10;
/// Values in a header and in claims.
const MAX_VALUES: usize = 4096;

impl<'t> Token<'t> {
    pub(super) fn read(text: &'t str) -> Result<Self, TokenFault> {
        if text.len() > MAX_TOKEN {
            return Err(TokenFault::TooLong);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(TokenFault::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(TokenFault::Malformed)?;
        let header = object(header)?;
        if header.contains_key("crit") {
            return Err(TokenFault::Critical);
        }
        let text_of = |name: &str| match header.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(TokenFault::Malformed),
        };
        Ok(Self {
            algorithm: text_of("alg")?.ok_or(TokenFault::Algorithm)?,
            key_id: text_of("kid")?,
            claims: object(claims)?,
            signed: signed.as_bytes(),
            signature: URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenFault::Malformed)?,
        })
    }

    /// `iss`, as far as it is believed.
    pub(super) fn issuer(&self) -> Option<&str> {
        self.claims.get("iss").and_then(Value::as_str)
    }
}

/// A part that is an object without repeated members: with them, two readers may see two tokens.
fn object(part: &str) -> Result<Map<String, Value>, TokenFault> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenFault::Malformed)?;
    match json::read_any(&bytes, MAX_VALUES) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err(TokenFault::Malformed),
    }
}
