//! Reading a request's body: only when a compiled rule needs it, bounded, and parsed only as far as rules read it.

mod budget;
mod collect;

use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use serde_json::Value;

pub use budget::{BodyBudget, Held};

use crate::error::{ErrorKind, GatewayError};
use crate::expression::Reads;
use crate::json::{self, Projection};
use crate::platform::{Body, BodyError};

/// What the rules that apply to a request need of its body.
#[derive(Debug, Clone, Default)]
pub struct BodyNeeds {
    /// The bytes themselves.
    pub text: bool,
    /// Parts of the JSON object.
    pub map: Option<Projection>,
    /// A rule that decides about access reads the body: one that cannot be read strictly is refused, whatever its type.
    pub authorization: bool,
    /// Read the body although no rule does.
    pub buffer: bool,
    /// Bytes.
    pub limit: usize,
}

impl BodyNeeds {
    /// Adds what an expression reads.
    pub fn reads(&mut self, reads: &Reads) {
        self.text |= reads.body;
        if !reads.body_map.is_empty() {
            self.map.get_or_insert_default().merge(&reads.body_map);
        }
    }

    /// Adds what other rules need; of two limits the higher one holds.
    pub fn merge(&mut self, other: &Self) {
        self.text |= other.text;
        if let Some(projection) = &other.map {
            self.map.get_or_insert_default().merge(projection);
        }
        self.authorization |= other.authorization;
        self.buffer |= other.buffer;
        self.limit = self.limit.max(other.limit);
    }

    pub fn any(&self) -> bool {
        self.text || self.map.is_some() || self.buffer
    }
}

/// What was read of a body.
#[derive(Debug, Default)]
pub struct ReadBody {
    pub bytes: Option<Bytes>,
    /// What rules see as `bodyMap`.
    pub map: Option<Value>,
    _held: Option<Held>,
}

impl ReadBody {
    /// For `body.mode: JSON`: an empty body passes, anything else must have been read as a JSON object.
    ///
    /// # Errors
    /// 400 for a body of another kind.
    pub fn require_json(&self) -> Result<(), GatewayError> {
        let is_something = self.bytes.as_ref().is_some_and(|bytes| !bytes.is_empty());
        if is_something && self.map.is_none() {
            return Err(GatewayError::new(ErrorKind::InvalidBody, "the configuration takes JSON only"));
        }
        Ok(())
    }
}

/// Reads what is needed of the body. The body that is returned with it is byte for byte what the caller sent, to forward.
///
/// # Errors
/// 413 beyond the limit, 400 for a body that rules cannot read without doubt, 503 when too much is held already.
pub async fn read(body: Body, headers: &HeaderMap, needs: &BodyNeeds, budget: &BodyBudget) -> Result<(Body, ReadBody), GatewayError> {
    if !needs.any() || body.is_empty() {
        return Ok((body, ReadBody::default()));
    }
    // What can never be held is too large, not a matter of waiting.
    let limit = needs.limit.min(budget.limit());
    let declared = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let (bytes, body, held) = collect::collect(body, limit, declared, budget).await?;
    let map = parse(&bytes, headers, needs)?;
    Ok((body, ReadBody { bytes: Some(bytes), map, _held: Some(held) }))
}

fn parse(bytes: &Bytes, headers: &HeaderMap, needs: &BodyNeeds) -> Result<Option<Value>, GatewayError> {
    let Some(projection) = &needs.map else { return Ok(None) };
    if bytes.is_empty() || !(needs.authorization || is_json_or_untyped(headers)) {
        return Ok(None);
    }
    let refused = |why: String| {
        GatewayError::new(ErrorKind::InvalidBody, why.clone()).saying(format!("The request's body must be one JSON object: {why}."))
    };
    if headers.get(CONTENT_ENCODING).is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(refused("it must not have a content encoding".to_owned()));
    }
    json::read(bytes, projection).map(Some).map_err(|refusal| refused(refusal.to_string()))
}

fn broken_off(error: BodyError) -> GatewayError {
    match error {
        BodyError::TooLarge { limit } => too_large(limit),
        BodyError::Broken(why) => GatewayError::new(ErrorKind::BadRequest, why).saying("The request's body broke off."),
    }
}

fn overloaded() -> GatewayError {
    GatewayError::new(ErrorKind::Overloaded, "too many bodies are held at once")
}

fn too_large(limit: usize) -> GatewayError {
    GatewayError::new(ErrorKind::BodyTooLarge, format!("more than {limit} bytes"))
        .saying(format!("The request's body has more than {limit} bytes."))
}

/// RFC 6839: `application/json` and every `+json`. Without a type, rules take the body for what they expect.
fn is_json_or_untyped(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else { return true };
    let text = String::from_utf8_lossy(value.as_bytes());
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.ends_with("/json") || essence.ends_with("+json")
}

#[cfg(test)]
mod tests;
