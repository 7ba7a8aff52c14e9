//! Base64 and JSON.

use std::collections::BTreeMap;
use std::rc::Rc;

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD};
use serde_json::Value as Json;

use super::{Evaluated, Fault, Function, Run, Value, no_overload};
use crate::expression::value::{Key, Map, Text, from_json, to_json};
use crate::json::{Projection, read};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::global("base64.encode", (1, 1), base64_encode),
    Function::global("base64.decode", (1, 1), base64_decode),
    Function::global("json.parse", (1, 1), json_parse),
    Function::global("json.marshal", (1, 1), json_marshal),
];

/// The padding may be left out, as cel-go has it.
const LENIENT: GeneralPurpose =
    GeneralPurpose::new(&base64::alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

fn base64_encode<'a>(run: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    let [Value::Bytes(bytes)] = arguments else { return Err(no_overload("base64.encode", arguments)) };
    run.spend_bytes(bytes.len())?;
    Ok(Value::text(STANDARD.encode(bytes)))
}

fn base64_decode<'a>(run: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    let [Value::Text(text)] = arguments else { return Err(no_overload("base64.decode", arguments)) };
    run.spend_bytes(text.len())?;
    let bytes = LENIENT.decode(text.as_bytes()).map_err(|_| Fault::error("the text is not base64"))?;
    Ok(Value::Bytes(Rc::from(bytes)))
}

/// Strict, like the request body: what two parsers read differently must not be decided on.
fn json_parse<'a>(run: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    let text = match arguments {
        [Value::Text(text)] => text.as_bytes(),
        [Value::Bytes(bytes)] => bytes,
        _ => return Err(no_overload("json.parse", arguments)),
    };
    // A step builds one value, which takes two bytes of text at least.
    run.spend(text.len() / 2)?;
    let json = read(text, &Projection::whole()).map_err(|refusal| Fault::error(format!("json.parse: {refusal}")))?;
    Ok(into_value(json))
}

fn json_marshal<'a>(run: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    let [value] = arguments else { return Err(no_overload("json.marshal", arguments)) };
    Ok(Value::text(to_json(run, value)?.to_string()))
}

/// Parsed text belongs to nobody, so its values are moved out instead of borrowed.
fn into_value<'a>(json: Json) -> Value<'a> {
    match json {
        Json::String(text) => Value::text(text),
        Json::Array(list) => Value::list(list.into_iter().map(into_value).collect::<Vec<_>>()),
        Json::Object(map) => {
            let entry = |(key, value): (String, Json)| {
                let key: Rc<str> = key.into();
                (Key::Text(key.clone()), (Value::Text(Text::Shared(key)), into_value(value)))
            };
            Value::Map(Map::Owned(Rc::new(map.into_iter().map(entry).collect::<BTreeMap<_, _>>())))
        }
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(b),
        Json::Number(number) => match from_json(&Json::Number(number)) {
            Value::Int(i) => Value::Int(i),
            Value::Uint(u) => Value::Uint(u),
            Value::Double(d) => Value::Double(d),
            _ => Value::Null,
        },
    }
}
