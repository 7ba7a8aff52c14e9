//! Reading a request's body: only when a compiled rule needs it, bounded, and parsed only as far as rules read it.

mod budget;
mod collect;
mod replay;
mod schema;

use std::fmt;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName};
use serde_json::Value;

pub use budget::{BodyBudget, Held};
pub use replay::Replay;
pub use schema::BodySchema;

use crate::error::{ErrorKind, GatewayError};
use crate::expression::Reads;
use crate::json::{self, JsonRefusal, Projection};
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
    /// Its length. A body that does not tell it is read, so that nobody hides it by sending the body in chunks.
    pub size: bool,
    /// Read the body although no rule does.
    pub buffer: bool,
    /// Bytes.
    pub limit: usize,
}

impl BodyNeeds {
    /// Adds what an expression reads.
    pub fn reads(&mut self, reads: &Reads) {
        self.text |= reads.body;
        self.size |= reads.size;
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
        self.size |= other.size;
        self.buffer |= other.buffer;
        self.limit = self.limit.max(other.limit);
    }

    /// Whether nothing of a body is missing that the other one needs.
    pub fn covers(&self, other: &Self) -> bool {
        let map = other.map.as_ref().is_none_or(|wanted| self.map.as_ref().is_some_and(|map| map.covers(wanted)));
        map && (self.text || !other.text) && (self.size || !other.size) && (self.any() || !other.buffer)
    }

    /// Whether the body has to be there before it is forwarded.
    pub fn any(&self) -> bool {
        self.text || self.map.is_some() || self.buffer
    }
}

/// What was read of a body.
#[derive(Debug, Default)]
pub struct ReadBody {
    /// The body as it arrived, where it was read.
    pub bytes: Option<Bytes>,
    /// What rules see as `bodyMap`.
    pub map: Option<Value>,
    _held: Option<Held>,
}

impl ReadBody {
    /// For `body.maxRequestSize` of the configuration that was chosen.
    ///
    /// # Errors
    /// 413 for a body that was read and is longer.
    pub fn require_size(&self, limit: u64) -> Result<(), GatewayError> {
        let is_larger = self.bytes.as_ref().is_some_and(|bytes| bytes.len() as u64 > limit);
        if is_larger { Err(too_large(limit)) } else { Ok(()) }
    }

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
    let declared = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let has_unknown_size = declared.is_none() && body.known_length().is_none();
    if !(needs.any() || needs.size && has_unknown_size) || body.is_empty() {
        return Ok((body, ReadBody::default()));
    }
    // What can never be held is too large, not a matter of waiting.
    let limit = needs.limit.min(budget.limit());
    if declared.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let (bytes, body, held) = collect::collect(body, limit, declared, budget).await?;
    let map = parse(&bytes, headers, needs)?;
    Ok((body, ReadBody { bytes: Some(bytes), map, _held: Some(held) }))
}

/// Reads the whole body, whatever it is. As [`read`] otherwise.
///
/// # Errors
/// 413 beyond the limit, 400 for a body that breaks off, 503 when too much is held already.
pub async fn read_whole(
    body: Body,
    headers: &HeaderMap,
    limit: usize,
    budget: &BodyBudget,
) -> Result<(Bytes, Body, Option<Held>), GatewayError> {
    if body.is_empty() {
        return Ok((Bytes::new(), body, None));
    }
    let declared = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let limit = limit.min(budget.limit());
    if declared.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let (bytes, body, held) = collect::collect(body, limit, declared, budget).await?;
    Ok((bytes, body, Some(held)))
}

/// What is wanted of a body that has to be a JSON object, whatever type it says it has; `None` for an empty one.
///
/// # Errors
/// 400 for anything but a strict object.
pub fn read_object(bytes: &[u8], headers: &HeaderMap, wanted: &Projection) -> Result<Option<Value>, GatewayError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    readable(headers)?;
    json::read(bytes, wanted).map(Some).map_err(|refusal| refused(&refusal.to_string()))
}

fn parse(bytes: &Bytes, headers: &HeaderMap, needs: &BodyNeeds) -> Result<Option<Value>, GatewayError> {
    let read_for_sure = needs.authorization && !bytes.is_empty();
    if read_for_sure && needs.map.is_none() {
        readable(headers)?;
        // As text it would be missing, and a rule that denies by it would not.
        std::str::from_utf8(bytes).map_err(|_| refused(&JsonRefusal::NotUtf8.to_string()))?;
    }
    let Some(projection) = &needs.map else { return Ok(None) };
    if bytes.is_empty() || !(read_for_sure || is_json_or_untyped(headers)) {
        return Ok(None);
    }
    readable(headers)?;
    json::read(bytes, projection).map(Some).map_err(|refusal| refused(&refusal.to_string()))
}

/// Whether the bytes are the text, so that the upstream reads from them what rules read.
fn readable(headers: &HeaderMap) -> Result<(), GatewayError> {
    let encodings = items(headers, CONTENT_ENCODING);
    if encodings.iter().any(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        return Err(refused("it must not have a content encoding"));
    }
    let is_utf8 = |charset: &str| ["utf-8", "utf8", "us-ascii"].iter().any(|name| charset.eq_ignore_ascii_case(name));
    for media_type in items(headers, CONTENT_TYPE) {
        let parameters = media_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
        let mut charsets = parameters.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
        if charsets.any(|(_, charset)| !is_utf8(charset.trim().trim_matches('"'))) {
            return Err(refused("its charset must be UTF-8"));
        }
    }
    Ok(())
}

/// The items of a header that should have one, and may have several in one line or many: upstreams differ in which one they take.
fn items(headers: &HeaderMap, name: HeaderName) -> Vec<String> {
    let lines = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    lines.flat_map(|line| line.split(',').map(|item| item.trim().to_owned()).collect::<Vec<_>>()).collect()
}

fn refused(why: &str) -> GatewayError {
    GatewayError::new(ErrorKind::InvalidBody, why).saying(format!("The request's body cannot be read: {why}."))
}

fn broken_off(error: BodyError) -> GatewayError {
    match error {
        BodyError::TooLarge { limit } => too_large(limit),
        BodyError::Broken(why) => GatewayError::new(ErrorKind::BadRequest, why).saying("The request's body broke off."),
        // Only upstreams have deadlines.
        BodyError::Timeout(why) => GatewayError::new(ErrorKind::UpstreamTimeout, why),
    }
}

fn overloaded() -> GatewayError {
    GatewayError::new(ErrorKind::Overloaded, "too many bodies are held at once")
}

fn too_large(limit: impl fmt::Display) -> GatewayError {
    GatewayError::new(ErrorKind::BodyTooLarge, format!("more than {limit} bytes"))
        .saying(format!("The request's body has more than {limit} bytes."))
}

/// RFC 6839: `application/json` and every `+json`. Without a type, rules take the body for what they expect.
fn is_json_or_untyped(headers: &HeaderMap) -> bool {
    let types = items(headers, CONTENT_TYPE);
    let is_json = |media_type: &String| {
        let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        essence.is_empty() || essence.ends_with("/json") || essence.ends_with("+json")
    };
    types.is_empty() || types.iter().any(is_json)
}

#[cfg(test)]
mod tests;
