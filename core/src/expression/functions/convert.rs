//! Conversions between types, and questions about them.

use std::rc::Rc;

use ::time::OffsetDateTime;

use super::number_text::double_to_text;
use super::{Evaluated, Fault, Function, Run, Value, no_overload};
use crate::expression::evaluate::{duration, timestamp};
use crate::expression::value::{Number, Text, duration_to_text, timestamp_to_text};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::global("int", (1, 1), int),
    Function::global("uint", (1, 1), uint),
    Function::global("double", (1, 1), double),
    Function::global("string", (1, 1), string),
    Function::global("bytes", (1, 1), bytes),
    Function::global("bool", (1, 1), bool),
    Function::global("timestamp", (1, 1), to_timestamp),
    Function::global("duration", (1, 1), to_duration),
    Function::global("type", (1, 1), |_, arguments| match arguments {
        [value] => Ok(Value::Type(value.type_of())),
        _ => Err(no_overload("type", arguments)),
    }),
    Function::global("dyn", (1, 1), |_, arguments| match arguments {
        [value] => Ok(value.clone()),
        _ => Err(no_overload("dyn", arguments)),
    }),
    Function::both("size", (1, 1), size),
];

fn int<'a>(_: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    let int = match arguments {
        [Value::Text(text)] => text.parse().ok(),
        [Value::Timestamp(t)] => Some(t.unix_timestamp()),
        [value] => whole(value).ok_or_else(|| no_overload("int", arguments))?.and_then(|whole| i64::try_from(whole).ok()),
        _ => return Err(no_overload("int", arguments)),
    };
    int.map(Value::Int).ok_or_else(|| Fault::error("the value is no int"))
}

fn uint<'a>(_: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    let uint = match arguments {
        [Value::Text(text)] => text.parse().ok(),
        [value] => whole(value).ok_or_else(|| no_overload("uint", arguments))?.and_then(|whole| u64::try_from(whole).ok()),
        _ => return Err(no_overload("uint", arguments)),
    };
    uint.map(Value::Uint).ok_or_else(|| Fault::error("the value is no uint"))
}

/// A number without its fraction. The outer `None` is for what is no number, the inner one for what no int holds.
fn whole(value: &Value<'_>) -> Option<Option<i128>> {
    value.number().map(|number| match number {
        Number::Double(d) => Number::Double(d.trunc()).whole(),
        int @ Number::Int(_) => int.whole(),
    })
}

#[expect(clippy::cast_precision_loss, reason = "CEL converts to the nearest double")]
fn double<'a>(_: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    match arguments {
        [Value::Double(d)] => Ok(Value::Double(*d)),
        [Value::Int(i)] => Ok(Value::Double(*i as f64)),
        [Value::Uint(u)] => Ok(Value::Double(*u as f64)),
        [Value::Text(text)] => text.parse().map(Value::Double).map_err(|_| Fault::error("the text is no double")),
        _ => Err(no_overload("double", arguments)),
    }
}

fn string<'a>(run: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    Ok(match arguments {
        [text @ Value::Text(_)] => text.clone(),
        [Value::Int(i)] => Value::text(i.to_string()),
        [Value::Uint(u)] => Value::text(u.to_string()),
        [Value::Double(d)] => Value::text(double_to_text(*d)),
        [Value::Bool(b)] => Value::Text(Text::Borrowed(if *b { "true" } else { "false" })),
        [Value::Bytes(bytes)] => {
            run.spend_bytes(bytes.len())?;
            Value::text(std::str::from_utf8(bytes).map_err(|_| Fault::error("the bytes are not UTF-8"))?)
        }
        [Value::Timestamp(t)] => Value::text(timestamp_to_text(*t)),
        [Value::Duration(duration)] => Value::text(duration_to_text(*duration)),
        [Value::Type(t)] => Value::Text(Text::Borrowed(t.name())),
        _ => return Err(no_overload("string", arguments)),
    })
}

fn bytes<'a>(run: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    match arguments {
        [bytes @ Value::Bytes(_)] => Ok(bytes.clone()),
        [Value::Text(text)] => {
            run.spend_bytes(text.len())?;
            Ok(Value::Bytes(Rc::from(text.as_bytes())))
        }
        _ => Err(no_overload("bytes", arguments)),
    }
}

fn bool<'a>(_: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    match arguments {
        [Value::Bool(b)] => Ok(Value::Bool(*b)),
        [Value::Text(text)] => match &**text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Value::Bool(true)),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Value::Bool(false)),
            _ => Err(Fault::error("the text is no bool")),
        },
        _ => Err(no_overload("bool", arguments)),
    }
}

fn to_timestamp<'a>(_: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    match arguments {
        [t @ Value::Timestamp(_)] => Ok(t.clone()),
        [Value::Int(seconds)] => timestamp(OffsetDateTime::from_unix_timestamp(*seconds).ok()),
        [Value::Text(text)] => {
            let parsed = OffsetDateTime::parse(text, &::time::format_description::well_known::Rfc3339);
            timestamp(Some(parsed.map_err(|_| Fault::error("the text is no RFC 3339 timestamp"))?))
        }
        _ => Err(no_overload("timestamp", arguments)),
    }
}

fn to_duration<'a>(_: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    match arguments {
        [d @ Value::Duration(_)] => Ok(d.clone()),
        [Value::Int(seconds)] => duration(Some(::time::Duration::seconds(*seconds))),
        [Value::Text(text)] => duration(Some(super::time::parse_duration(text).ok_or_else(|| Fault::error("the text is no duration"))?)),
        _ => Err(no_overload("duration", arguments)),
    }
}

fn size<'a>(run: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    let size = match arguments {
        [Value::Text(text)] => {
            run.spend_bytes(text.len())?;
            text.chars().count()
        }
        [Value::Bytes(bytes)] => bytes.len(),
        [Value::List(list)] => list.len(),
        [Value::Map(map)] => map.len(),
        _ => return Err(no_overload("size", arguments)),
    };
    Ok(Value::Int(i64::try_from(size).unwrap_or(i64::MAX)))
}
