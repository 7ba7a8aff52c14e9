use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map as JsonMap, Number as JsonNumber, Value as Json};

use super::{List, Map, Text, Value, duration_to_text, timestamp_to_text};
use crate::expression::evaluate::{Fault, Run};

/// JSON as a value. A number is a double, as it is in JSON itself, so that `1` and `1.0` in a body mean the same; only an
/// integer that no double holds stays an int or uint, so that two different numbers never compare equal.
pub(in crate::expression) fn from_json(json: &Json) -> Value<'_> {
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(number) => from_number(number),
        Json::String(text) => Value::Text(Text::Borrowed(text)),
        Json::Array(list) => Value::List(List::Json(list)),
        Json::Object(map) => Value::Map(Map::Json(map)),
    }
}

/// A value as JSON, after the JSON mapping of protobuf: bytes in base64, timestamps and durations as text, keys as text.
pub(in crate::expression) fn to_json(run: &Run<'_>, value: &Value<'_>) -> Result<Json, Fault> {
    run.spend(1)?;
    Ok(match value {
        Value::Null => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Int(i) => Json::from(*i),
        Value::Uint(u) => Json::from(*u),
        Value::Double(d) => from_double(*d)?,
        Value::Text(text) => {
            run.spend_bytes(text.len())?;
            Json::from(&**text)
        }
        Value::Bytes(bytes) => {
            run.spend_bytes(bytes.len())?;
            Json::from(STANDARD.encode(bytes))
        }
        Value::List(list) => Json::Array(list.iter().map(|element| to_json(run, &element)).collect::<Result<_, _>>()?),
        Value::Map(map) => {
            run.spend(map.len())?;
            let entries = map.entries().into_iter().map(|(key, value)| Ok((key_text(&key)?, to_json(run, &value)?)));
            Json::Object(entries.collect::<Result<JsonMap<_, _>, Fault>>()?)
        }
        Value::Timestamp(t) => Json::from(timestamp_to_text(*t)),
        Value::Duration(duration) => Json::from(duration_to_text(*duration)),
        Value::Type(_) => return Err(Fault::error("a type is not JSON")),
    })
}

fn from_number(number: &JsonNumber) -> Value<'_> {
    const EXACT: u64 = 1 << 53;
    match (number.as_i64(), number.as_u64()) {
        (Some(i), _) if i.unsigned_abs() > EXACT => Value::Int(i),
        (None, Some(u)) => Value::Uint(u),
        _ => Value::Double(number.as_f64().unwrap_or(f64::NAN)),
    }
}

fn from_double(double: f64) -> Result<Json, Fault> {
    let whole = super::Number::Double(double).whole().and_then(|whole| i64::try_from(whole).ok());
    match whole {
        // A body that said 1 is to say 1 again, not 1.0.
        Some(whole) if double != 0.0 || double.is_sign_positive() => Ok(Json::from(whole)),
        _ => JsonNumber::from_f64(double).map(Json::Number).ok_or_else(|| Fault::error("the number is not finite and cannot be JSON")),
    }
}

fn key_text(key: &Value<'_>) -> Result<String, Fault> {
    match key {
        Value::Text(text) => Ok((**text).to_owned()),
        Value::Bool(b) => Ok(b.to_string()),
        Value::Int(i) => Ok(i.to_string()),
        Value::Uint(u) => Ok(u.to_string()),
        _ => Err(Fault::error("a key of this type cannot be JSON")),
    }
}
