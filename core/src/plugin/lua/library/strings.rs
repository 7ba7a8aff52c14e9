//! `strings`, with the meaning of Go's package of that name. Lengths and places are bytes unless the name says Unicode; places count
//! from 0, and -1 is nowhere.

use postern_lua::{Library, Raise, TableKind, Value};

use super::arguments::{bytes, integer, pay, text};
use super::{Result, ScriptCall};
use crate::plugin::lua::host::ScriptHost;

pub fn add(library: &mut Library<ScriptHost>) {
    library.module(
        "strings",
        &[
            ("toUpper", |call| map(call, "toUpper", |text| text.to_uppercase())),
            ("upper", |call| map(call, "upper", |text| text.to_uppercase())),
            ("toLower", |call| map(call, "toLower", |text| text.to_lowercase())),
            ("lower", |call| map(call, "lower", |text| text.to_lowercase())),
            ("trimSpace", |call| map(call, "trimSpace", |text| text.trim().to_owned())),
            ("hasSuffix", |call| test(call, "hasSuffix", |text, part| text.ends_with(part))),
            ("hasPrefix", |call| test(call, "hasPrefix", |text, part| text.starts_with(part))),
            ("contains", |call| test(call, "contains", |text, part| text.contains(part))),
            ("containsAny", |call| test(call, "containsAny", |text, set| text.contains(|c| set.contains(c)))),
            ("count", |call| number(call, "count", count)),
            ("index", |call| number(call, "index", |text, part| text.find(part).map_or(-1.0, as_number))),
            ("compare", |call| number(call, "compare", |a, b| f64::from(a.cmp(b) as i8))),
            ("trim", |call| combine(call, "trim", |text, set| text.trim_matches(|c| set.contains(c)).to_owned())),
            ("trimPrefix", |call| combine(call, "trimPrefix", |text, part| text.strip_prefix(part).unwrap_or(text).to_owned())),
            ("trimSuffix", |call| combine(call, "trimSuffix", |text, part| text.strip_suffix(part).unwrap_or(text).to_owned())),
            ("replace", replace),
            ("replaceAll", replace_all),
            ("split", split),
            ("join", join),
            ("len", len),
            ("lenUnicode", len_unicode),
            ("truncate", truncate),
            ("truncateUnicode", truncate_unicode),
        ],
    );
}

/// Changing the case of a character makes at most three of it.
fn map(call: &mut ScriptCall<'_>, function: &str, change: fn(&str) -> String) -> Result {
    let text = text(call, 0, function)?;
    pay(call, text.len() * 3)?;
    call.returns_string(change(&text))
}

fn test(call: &mut ScriptCall<'_>, function: &str, holds: fn(&str, &str) -> bool) -> Result {
    let (text, part) = two(call, function)?;
    call.returns(&[holds(&text, &part).into()])
}

fn number(call: &mut ScriptCall<'_>, function: &str, of: fn(&str, &str) -> f64) -> Result {
    let (text, part) = two(call, function)?;
    call.returns(&[of(&text, &part).into()])
}

fn combine(call: &mut ScriptCall<'_>, function: &str, of: fn(&str, &str) -> String) -> Result {
    let (text, part) = two(call, function)?;
    pay(call, text.len())?;
    call.returns_string(of(&text, &part))
}

/// The empty text stands before, between and after all characters.
fn count(text: &str, part: &str) -> f64 {
    as_number(if part.is_empty() { text.chars().count() + 1 } else { text.matches(part).count() })
}

/// `replace(s, old, new, n)`: the first `n`, or all for a negative `n`.
fn replace(call: &mut ScriptCall<'_>) -> Result {
    let limit = integer(call, 3, "replace")?;
    replace_some(call, "replace", usize::try_from(limit).unwrap_or(usize::MAX))
}

fn replace_all(call: &mut ScriptCall<'_>) -> Result {
    replace_some(call, "replaceAll", usize::MAX)
}

fn replace_some(call: &mut ScriptCall<'_>, function: &str, limit: usize) -> Result {
    let (text, old, new) = (text(call, 0, function)?, text(call, 1, function)?, text(call, 2, function)?);
    let times = text.matches(old.as_str()).take(limit).count();
    pay(call, text.len().saturating_add(times.saturating_mul(new.len())))?;
    call.returns_string(text.replacen(&old, &new, limit))
}

/// A list; an empty separator splits into characters.
fn split(call: &mut ScriptCall<'_>) -> Result {
    let (text, separator) = two(call, "split")?;
    let list = call.heap.table(TableKind::Plain, 0, 0)?;
    if separator.is_empty() {
        let mut character = [0; 4];
        for c in text.chars() {
            push(call, list, c.encode_utf8(&mut character))?;
        }
    } else {
        for part in text.split(separator.as_str()) {
            push(call, list, part)?;
        }
    }
    call.returns(&[list])
}

fn push(call: &mut ScriptCall<'_>, list: Value, part: &str) -> std::result::Result<(), Raise> {
    let part = call.heap.string(part)?;
    if let Value::Table(list) = list {
        call.heap.push(list, part)?;
    }
    Ok(())
}

fn join(call: &mut ScriptCall<'_>) -> Result {
    let Value::Table(list) = call.argument(0) else { return Err(Raise::message("bad argument #1 to 'join' (table expected)")) };
    let separator = bytes(call, 1, "join")?;
    let mut out = Vec::new();
    for (at, element) in call.heap.elements(list).iter().enumerate() {
        let Some(part) = call.heap.text(*element) else {
            return Err(Raise::message(format!("element {} of the list is no string", at + 1)));
        };
        pay(call, part.len() + separator.len())?;
        if at > 0 {
            out.extend_from_slice(&separator);
        }
        out.extend_from_slice(&part);
    }
    let out = call.heap.string_from(out)?;
    call.returns(&[out])
}

fn len(call: &mut ScriptCall<'_>) -> Result {
    let bytes = bytes(call, 0, "len")?;
    call.returns(&[as_number(bytes.len()).into()])
}

fn len_unicode(call: &mut ScriptCall<'_>) -> Result {
    let text = text(call, 0, "lenUnicode")?;
    call.returns(&[as_number(text.chars().count()).into()])
}

/// So many bytes; a character that is cut through goes as a whole.
fn truncate(call: &mut ScriptCall<'_>) -> Result {
    let (text, limit) = (text(call, 0, "truncate")?, limit(call, "truncate")?);
    let end = (0..=limit.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    call.returns_string(text.get(..end).unwrap_or_default())
}

fn truncate_unicode(call: &mut ScriptCall<'_>) -> Result {
    let (text, limit) = (text(call, 0, "truncateUnicode")?, limit(call, "truncateUnicode")?);
    let end = text.char_indices().nth(limit).map_or(text.len(), |(end, _)| end);
    call.returns_string(text.get(..end).unwrap_or_default())
}

fn limit(call: &ScriptCall<'_>, function: &str) -> std::result::Result<usize, Raise> {
    Ok(usize::try_from(integer(call, 1, function)?).unwrap_or(0))
}

/// Looking for one text in another takes a step for each byte.
fn two(call: &ScriptCall<'_>, function: &str) -> std::result::Result<(String, String), Raise> {
    let (first, second) = (text(call, 0, function)?, text(call, 1, function)?);
    call.heap.charge_work(first.len() / 4)?;
    Ok((first, second))
}

fn as_number(count: usize) -> f64 {
    count as f64
}
