use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use regorus::Value;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::text::pay;
use super::{Function, Outcome, Refusal, arguments, paid_text};
use crate::context::Query;
use crate::json::Projection;
use crate::rego::meter::spend;
use crate::rego::value::{project, to_json, weight};

pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "base64.decode", arity: 1, run: |values| decode(values, |text| STANDARD.decode(text).ok()) },
    Function { name: "base64.encode", arity: 1, run: |values| encode(values, |bytes| STANDARD.encode(bytes)) },
    Function { name: "base64.is_valid", arity: 1, run: |values| is(values, |text| STANDARD.decode(text).is_ok()) },
    Function { name: "base64url.decode", arity: 1, run: |values| decode(values, from_base64url) },
    Function { name: "base64url.encode", arity: 1, run: |values| encode(values, |bytes| URL_SAFE.encode(bytes)) },
    Function { name: "base64url.encode_no_pad", arity: 1, run: |values| encode(values, |bytes| URL_SAFE_NO_PAD.encode(bytes)) },
    Function { name: "crypto.hmac.equal", arity: 2, run: equal },
    Function { name: "crypto.hmac.sha256", arity: 2, run: hmac },
    Function { name: "crypto.sha256", arity: 1, run: |values| encode(values, |bytes| crate::hex::encode(&Sha256::digest(bytes))) },
    Function { name: "hex.decode", arity: 1, run: |values| decode(values, crate::hex::decode) },
    Function { name: "hex.encode", arity: 1, run: |values| encode(values, crate::hex::encode) },
    Function { name: "json.is_valid", arity: 1, run: |values| is(values, |text| strict(text).is_some()) },
    Function { name: "json.marshal", arity: 1, run: marshal },
    Function { name: "json.unmarshal", arity: 1, run: unmarshal },
    Function { name: "urlquery.decode", arity: 1, run: |values| decode(values, |text| Some(from_urlquery(text))) },
    Function { name: "urlquery.encode", arity: 1, run: |values| encode(values, to_urlquery) },
];

fn encode(values: &[Value], encode: impl Fn(&[u8]) -> String) -> Outcome {
    let [value] = arguments(values)?;
    let text = paid_text(value)?;
    pay(text.len().saturating_mul(3))?;
    Ok(Value::from(encode(text.as_bytes())))
}

fn decode(values: &[Value], decode: impl Fn(&str) -> Option<Vec<u8>>) -> Outcome {
    let [value] = arguments(values)?;
    let text = paid_text(value)?;
    pay(text.len())?;
    let bytes = decode(text).ok_or("the text is not encoded so")?;
    String::from_utf8(bytes).map(Value::from).map_err(|_| "what is encoded is no text".into())
}

fn is(values: &[Value], test: impl Fn(&str) -> bool) -> Outcome {
    let [value] = arguments(values)?;
    match value {
        Value::String(_) => Ok(Value::Bool(test(paid_text(value)?))),
        _ => Ok(Value::Bool(false)),
    }
}

/// With padding and without.
fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

fn from_urlquery(text: &str) -> Vec<u8> {
    // A name that is written as a whole query is decoded as one.
    let whole = text.replace('&', "%26").replace('=', "%3D");
    Query(&whole).pairs().next().map(|(name, _)| name.into_owned().into_bytes()).unwrap_or_default()
}

fn to_urlquery(bytes: &[u8]) -> String {
    let mut result = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => result.push(char::from(*byte)),
            b' ' => result.push('+'),
            other => result.push_str(&format!("%{other:02X}")),
        }
    }
    result
}

fn hmac(values: &[Value]) -> Outcome {
    let [message, key] = arguments(values)?;
    let (message, key) = (paid_text(message)?, paid_text(key)?);
    pay(message.len().saturating_mul(8))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_err(|_| "the key cannot be used")?;
    mac.update(message.as_bytes());
    Ok(Value::from(crate::hex::encode(&mac.finalize().into_bytes())))
}

fn equal(values: &[Value]) -> Outcome {
    let [a, b] = arguments(values)?;
    let (a, b) = (paid_text(a)?, paid_text(b)?);
    Ok(Value::Bool(a.as_bytes().ct_eq(b.as_bytes()).into()))
}

fn marshal(values: &[Value]) -> Outcome {
    let [value] = arguments(values)?;
    pay(weight(value).saturating_mul(64))?;
    Ok(Value::from(to_json(value)?.to_string()))
}

fn unmarshal(values: &[Value]) -> Outcome {
    let [value] = arguments(values)?;
    let text = paid_text(value)?;
    // A value takes two bytes of text at least.
    spend(text.len() / 2)?;
    let json = strict(text).ok_or("the text is no strict JSON")?;
    project(&json, &Projection::whole()).map_err(Refusal::from)
}

/// As strictly as the body of a request: what two parsers read differently must not be decided on.
fn strict(text: &str) -> Option<serde_json::Value> {
    // What reads bodies reads objects.
    let object = crate::json::read(format!("{{\"\":{text}}}").as_bytes(), &Projection::whole()).ok()?;
    match object {
        serde_json::Value::Object(mut members) if members.len() == 1 => members.remove(""),
        _ => None,
    }
}
