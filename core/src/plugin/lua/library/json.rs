//! `json`.

use postern_lua::{Library, Value};

use super::arguments::{pay, text};
use super::{Result, ScriptCall};
use crate::plugin::lua::host::ScriptHost;
use crate::plugin::lua::json;

pub fn add(library: &mut Library<ScriptHost>) {
    library.module("json", &[("encode", encode), ("decode", decode), ("isSchemaValid", is_schema_valid)]);
}

/// The text of a value; nil and a message for one that has no JSON form.
fn encode(call: &mut ScriptCall<'_>) -> Result {
    match json::encode(call.heap, call.argument(0))? {
        Ok(text) => {
            let text = call.heap.string_from(text)?;
            call.returns(&[text])
        }
        Err(why) => call.returns_problem(why),
    }
}

/// The value of a text; nil and a message for one that is not JSON.
fn decode(call: &mut ScriptCall<'_>) -> Result {
    let Some(text) = call.bytes(0).map(<[u8]>::to_vec) else {
        let why = format!("a string is needed, not {}", call.argument(0).type_name());
        return call.returns_problem(why);
    };
    match json::decode(call.heap, &text)? {
        Ok(value) => call.returns(&[value, Value::Nil]),
        Err(why) => call.returns_problem(why),
    }
}

/// Whether a document conforms to a schema; false also where one of them cannot be read.
#[cfg(feature = "json-schema")]
fn is_schema_valid(call: &mut ScriptCall<'_>) -> Result {
    use crate::json::read_any;
    use crate::json_schema::{MAX_SCHEMA, MAX_VALUES, Schema};
    use crate::problem::Problems;

    let (schema, document) = (text(call, 0, "isSchemaValid")?, text(call, 1, "isSchemaValid")?);
    // A schema is compiled each time, and a value takes some ten times its text.
    pay(call, schema.len().min(MAX_SCHEMA) * 64 + document.len() * 10)?;
    call.heap.charge_work(CHECK)?;
    let mut problems = Problems::new();
    let schema = if schema.len() > MAX_SCHEMA { None } else { Schema::compile(&schema, &mut problems) };
    let value = read_any(document.as_bytes(), MAX_VALUES).ok();
    let conforms = schema.filter(|_| !problems.has_errors()).zip(value).is_some_and(|(schema, value)| schema.check(&value).is_ok());
    call.returns(&[conforms.into()])
}

/// Instructions that a check is taken for: it has a bound of its own.
#[cfg(feature = "json-schema")]
const CHECK: usize = 50_000;

#[cfg(not(feature = "json-schema"))]
fn is_schema_valid(call: &mut ScriptCall<'_>) -> Result {
    let _ = (pay(call, 0)?, text(call, 0, "isSchemaValid")?);
    Err(postern_lua::Raise::message(crate::feature::Feature::JsonSchema.refusal()))
}
