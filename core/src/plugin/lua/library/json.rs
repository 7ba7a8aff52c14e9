//! `json`.

use postern_lua::{Library, Value};

use super::{Result, ScriptCall};
use crate::plugin::lua::host::ScriptHost;
use crate::plugin::lua::json;

pub fn add(library: &mut Library<ScriptHost>) {
    library.module("json", &[("encode", encode), ("decode", decode)]);
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
