use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::TokenFault;
use super::algorithm::Algorithm;
use crate::json;

/// A token taken apart (RFC 7515 §7.1). Nothing of it holds yet.
pub(super) struct Token<'t> {
    algorithm: String,
    /// `kid`
    pub(super) key_id: Option<String>,
    payload: Vec<u8>,
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
        let (header, payload) = signed.split_once('.').ok_or(TokenFault::Malformed)?;
        let header = object(&decode(header)?)?;
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
            payload: decode(payload)?,
            signed: signed.as_bytes(),
            signature: decode(signature)?,
        })
    }

    pub(super) fn algorithm(&self) -> Result<Algorithm, TokenFault> {
        Algorithm::parse(&self.algorithm).ok_or(TokenFault::Algorithm)
    }

    /// What it says of its bearer.
    pub(super) fn claims(&self) -> Result<Map<String, Value>, TokenFault> {
        object(&self.payload)
    }
}

fn decode(part: &str) -> Result<Vec<u8>, TokenFault> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenFault::Malformed)
}

/// An object without repeated members: with them, two readers may see two tokens.
fn object(bytes: &[u8]) -> Result<Map<String, Value>, TokenFault> {
    match json::read_any(bytes, MAX_VALUES) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err(TokenFault::Malformed),
    }
}
