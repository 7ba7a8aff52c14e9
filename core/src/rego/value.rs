//! Between JSON and the values that Rego computes with.

use std::collections::BTreeMap;

use regorus::Value;
use serde_json::{Map, Number, Value as Json};

use super::meter::{Stopped, left, spend};
use crate::json::{MAX_DEPTH, Projection};

/// The parts of a JSON value that are wanted. What has another shape than the module expects stays what it is, without its parts.
///
/// # Errors
/// When the budget does not allow for so much.
pub(super) fn project(json: &Json, wanted: &Projection) -> Result<Value, Stopped> {
    spend(1)?;
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(value) => number(value),
        Json::String(value) => text(value)?,
        Json::Array(items) if wanted.is_whole() => items.iter().map(|item| project(item, wanted)).collect::<Result<Vec<_>, _>>()?.into(),
        Json::Array(_) => Value::new_array(),
        Json::Object(members) => {
            let wanted = members.iter().filter_map(|(key, value)| Some((key, value, wanted.member(key)?)));
            let members = wanted.map(|(key, value, wanted)| Ok((text(key)?, project(value, wanted)?)));
            members.collect::<Result<BTreeMap<_, _>, Stopped>>()?.into()
        }
    })
}

/// # Errors
/// As [`project`].
pub(super) fn text(text: &str) -> Result<Value, Stopped> {
    spend(text.len() / 64)?;
    Ok(Value::from(text))
}

/// Sets become lists, in the order of their elements, and keys their text.
///
/// # Errors
/// What JSON cannot say.
pub(super) fn to_json(value: &Value) -> Result<Json, &'static str> {
    convert(value, 0)
}

fn convert(value: &Value, depth: usize) -> Result<Json, &'static str> {
    if depth > MAX_DEPTH {
        return Err("the value is nested too deep");
    }
    spend(1).map_err(|Stopped| "the value is too large")?;
    Ok(match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(_) => Json::Number(to_number(value).ok_or("a number is out of range")?),
        Value::String(text) => Json::String(text.to_string()),
        Value::Array(items) => Json::Array(items.iter().map(|item| convert(item, depth + 1)).collect::<Result<_, _>>()?),
        Value::Set(items) => Json::Array(items.iter().map(|item| convert(item, depth + 1)).collect::<Result<_, _>>()?),
        Value::Object(members) => {
            let mut map = Map::new();
            for (key, value) in members.iter_sorted() {
                let Value::String(key) = key else { return Err("a key is no text") };
                map.insert(key.to_string(), convert(value, depth + 1)?);
            }
            Json::Object(map)
        }
        Value::Undefined => return Err("a part is undefined"),
    })
}

fn to_number(value: &Value) -> Option<Number> {
    if let Ok(value) = value.as_u64() {
        return Some(value.into());
    }
    if let Ok(value) = value.as_i64() {
        return Some(value.into());
    }
    Number::from_f64(value.as_f64().ok()?)
}

fn number(number: &Number) -> Value {
    if let Some(value) = number.as_u64() {
        return Value::from(value);
    }
    if let Some(value) = number.as_i64() {
        return Value::from(value);
    }
    number.as_f64().map_or(Value::Undefined, Value::from)
}

/// What a value weighs in steps, with all that is in it: what it costs to walk, compare or copy it. Counting ends where the budget
/// does.
pub(super) fn weight(value: &Value) -> usize {
    let mut elements = 0;
    count(value, left().saturating_mul(PER_STEP), &mut elements);
    elements / PER_STEP
}

/// Elements that a step walks.
const PER_STEP: usize = 8;

/// Each value counts, however small: parts may be shared, and two parts that are one at each of forty levels are a trillion.
fn count(value: &Value, most: usize, elements: &mut usize) {
    *elements += match value {
        Value::String(text) => 1 + text.len() / 8,
        _ => 1,
    };
    let mut count = |value| {
        *elements <= most && {
            count(value, most, elements);
            true
        }
    };
    match value {
        Value::Array(items) => _ = items.iter().all(count),
        Value::Set(items) => _ = items.iter().all(count),
        Value::Object(members) => _ = members.iter_sorted().all(|(key, value)| count(key) && count(value)),
        _ => {}
    }
}

/// The number of elements of a collection, or zero.
pub(super) fn length(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.len(),
        Value::Set(items) => items.len(),
        Value::Object(members) => members.len(),
        _ => 0,
    }
}

/// For messages, as Rego calls it.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Set(_) => "a set",
        Value::Object(_) => "an object",
        Value::Undefined => "undefined",
    }
}
