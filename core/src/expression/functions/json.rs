//! `json.parse` and `json.marshal`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cel::common::traits::Iterable;
use cel::common::types::{CelBool, CelBytes, CelDouble, CelInt, CelNull, CelString, CelUInt, DYN_TYPE, Kind, STRING_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};
use serde_json::{Map, Value};

use crate::expression::run::{spend, spend_on};
use crate::expression::value::{Element, Instant, Shared, Span, no_overload};
use crate::json::{MAX_DEPTH, Projection, read};

pub(super) fn register(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_overload("json.parse", "json.parse(string)", vec![STRING_TYPE], |arguments| match arguments.as_slice() {
        [text] => parse(text.as_ref()),
        _ => Err(ExecutionError::invalid_argument_count(1, arguments.len())),
    })?;
    env.add_overload("json.marshal", "json.marshal(dyn)", vec![DYN_TYPE], |arguments| match arguments.as_slice() {
        [value] => Ok(CowVal::owned(CelString::from(marshal(value.as_ref(), 0)?.to_string()))),
        _ => Err(ExecutionError::invalid_argument_count(1, arguments.len())),
    })
}

/// An object, read as strictly as the body of a request: what two parsers read differently must not be decided on.
fn parse<'b, 'v>(text: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let text = text.downcast_ref::<CelString>().ok_or_else(|| no_overload("json.parse", [text]))?;
    // A step builds one value, which takes two bytes of text at least.
    spend(text.len() / 2)?;
    match read(text.as_bytes(), &Projection::whole()) {
        Ok(object @ Value::Object(_)) => Ok(CowVal::Owned(Element::shared(&Shared::from(object)).into_boxed())),
        Ok(_) => Err(ExecutionError::function_error("json.parse", "the text is no JSON object")),
        Err(refusal) => Err(ExecutionError::function_error("json.parse", refusal)),
    }
}

/// The value as JSON, where it has that form and the budget lasts.
pub(in crate::expression) fn to_json(value: &dyn Val) -> Option<Value> {
    marshal(value, 0).ok()
}

/// Bytes become base64, timestamps and durations text, keys their text.
fn marshal(value: &dyn Val, depth: usize) -> Result<Value, ExecutionError> {
    let refuse = || ExecutionError::function_error("json.marshal", format!("JSON has no {}", value.get_type().name()));
    if depth > MAX_DEPTH {
        return Err(ExecutionError::function_error("json.marshal", "the value is nested too deep"));
    }
    spend_on(value)?;
    if let Some(scalar) = scalar(value) {
        return Ok(scalar);
    }
    match value.get_type().kind() {
        Kind::List => {
            let mut elements = value.as_iterable().ok_or_else(refuse)?.iter();
            let mut list = Vec::new();
            while let Some(element) = elements.next() {
                list.push(marshal(element, depth + 1)?);
            }
            Ok(Value::Array(list))
        }
        Kind::Map => marshal_map(value, value.as_iterable().ok_or_else(refuse)?, depth),
        _ => Err(refuse()),
    }
}

fn marshal_map(value: &dyn Val, keys: &dyn Iterable, depth: usize) -> Result<Value, ExecutionError> {
    let values = value.as_indexer().ok_or_else(|| no_overload("json.marshal", [value]))?;
    let mut keys = keys.iter();
    let mut map = Map::new();
    while let Some(key) = keys.next() {
        let value = marshal(values.get(key)?.as_ref(), depth + 1)?;
        let key = match scalar(key) {
            Some(Value::String(text)) => text,
            Some(other) => other.to_string(),
            None => return Err(no_overload("json.marshal", [key])),
        };
        map.insert(key, value);
    }
    Ok(Value::Object(map))
}

/// `None` for what is not a single value of JSON, NaN and the infinities included.
fn scalar(value: &dyn Val) -> Option<Value> {
    match value.get_type().kind() {
        Kind::NullType => value.downcast_ref::<CelNull>().map(|_| Value::Null),
        Kind::Boolean => Some((*value.downcast_ref::<CelBool>()?.inner()).into()),
        Kind::Int => Some((*value.downcast_ref::<CelInt>()?.inner()).into()),
        Kind::UInt => Some((*value.downcast_ref::<CelUInt>()?.inner()).into()),
        Kind::Double => serde_json::Number::from_f64(*value.downcast_ref::<CelDouble>()?.inner()).map(Value::Number),
        Kind::String => Some(value.downcast_ref::<CelString>()?.inner().into()),
        Kind::Bytes => Some(STANDARD.encode(value.downcast_ref::<CelBytes>()?.inner()).into()),
        Kind::Timestamp => Some(value.downcast_ref::<Instant>()?.to_string().into()),
        Kind::Duration => Some(value.downcast_ref::<Span>()?.to_string().into()),
        _ => None,
    }
}
