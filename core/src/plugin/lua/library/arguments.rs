//! Arguments of functions, in the words of Lua where one is wrong.

use postern_lua::{Raise, Value};

use super::ScriptCall;

/// Bytes of a text; a number counts as its text. `at` counts from 0, and messages count from 1.
pub fn bytes(call: &ScriptCall<'_>, at: usize, function: &str) -> Result<Vec<u8>, Raise> {
    match call.heap.text(call.argument(at)) {
        Some(text) => {
            call.heap.charge_work(text.len() / 16)?;
            Ok(text.into_owned())
        }
        None => Err(wrong(call, at, function, "string")),
    }
}

/// A text; bytes that are not UTF-8 become U+FFFD.
pub fn text(call: &ScriptCall<'_>, at: usize, function: &str) -> Result<String, Raise> {
    let bytes = bytes(call, at, function)?;
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// A whole number, cut towards zero; beyond the range, the nearest.
pub fn integer(call: &ScriptCall<'_>, at: usize, function: &str) -> Result<i64, Raise> {
    match call.heap.coerce_number(call.argument(at)) {
        // A cast of a float saturates.
        Some(number) => Ok(number as i64),
        None => Err(wrong(call, at, function, "number")),
    }
}

/// The handle of the object that a method was called on.
pub fn handle(call: &ScriptCall<'_>, class: postern_lua::ClassId, function: &str) -> Result<usize, Raise> {
    let handle = call.handle(0, class).and_then(|handle| usize::try_from(handle).ok());
    handle.ok_or_else(|| Raise::message(format!("call it with a colon, as in object:{function}(…)")))
}

/// An index as a handle.
pub fn as_handle(index: usize) -> Result<u32, Raise> {
    u32::try_from(index).map_err(|_| Raise::Fatal("the script makes too many objects".to_owned()))
}

/// Pays for a text that a function is about to make.
pub fn pay(call: &ScriptCall<'_>, bytes: usize) -> Result<(), Raise> {
    call.heap.charge_work(bytes / 16)?;
    call.heap.charge_memory(bytes)
}

fn wrong(call: &ScriptCall<'_>, at: usize, function: &str, wanted: &str) -> Raise {
    let found = match call.argument(at) {
        Value::Nil if at >= call.arguments().len() => "no value",
        value => value.type_name(),
    };
    Raise::message(format!("bad argument #{} to '{function}' ({wanted} expected, got {found})", at + 1))
}
