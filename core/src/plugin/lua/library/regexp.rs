//! `regexp`: patterns that are matched in linear time.

use postern_lua::{Library, Raise, TableKind, Value};
use regex_lite::{Captures, Regex, RegexBuilder};

use super::arguments::{as_handle, handle, pay, text};
use super::{PATTERN, Result, ScriptCall};
use crate::plugin::lua::host::ScriptHost;

/// Bytes of a pattern.
const MAX_PATTERN: usize = 4096;
/// Bytes of a compiled pattern.
const MAX_COMPILED: usize = 256 << 10;

pub fn add(library: &mut Library<ScriptHost>) {
    library.module("regexp", &[("compile", compile), ("match", match_once)]);
    library.class(PATTERN, &[("match", matches), ("findAllStringSubmatch", find_all), ("replaceAll", replace_all)]);
}

fn compile(call: &mut ScriptCall<'_>) -> Result {
    let pattern = pattern(call, 0, "compile")?;
    call.host.patterns.push(pattern);
    let index = as_handle(call.host.patterns.len() - 1)?;
    let object = call.heap.object(PATTERN, index)?;
    call.returns(&[object])
}

fn match_once(call: &mut ScriptCall<'_>) -> Result {
    let (pattern, text) = (pattern(call, 0, "match")?, text(call, 1, "match")?);
    search(call, &pattern, &text)?;
    call.returns(&[pattern.is_match(&text).into()])
}

fn matches(call: &mut ScriptCall<'_>) -> Result {
    let (pattern, text) = (known(call, "match")?, text(call, 1, "match")?);
    search(call, &pattern, &text)?;
    call.returns(&[pattern.is_match(&text).into()])
}

/// A list of lists: the match, then its groups; a group that took no part is empty.
fn find_all(call: &mut ScriptCall<'_>) -> Result {
    let (pattern, text) = (known(call, "findAllStringSubmatch")?, text(call, 1, "findAllStringSubmatch")?);
    search(call, &pattern, &text)?;
    let all = call.heap.table(TableKind::Plain, 0, 0)?;
    for found in pattern.captures_iter(&text) {
        let groups = call.heap.table(TableKind::Plain, found.len(), 0)?;
        for at in 0..found.len() {
            let group = call.heap.string(found.get(at).map_or("", |group| group.as_str()))?;
            push(call, groups, group)?;
        }
        push(call, all, groups)?;
    }
    call.returns(&[all])
}

/// `$1`, `${1}` and `${name}` in the replacement are groups, `$$` is a dollar.
fn replace_all(call: &mut ScriptCall<'_>) -> Result {
    let (pattern, text, with) = (known(call, "replaceAll")?, text(call, 1, "replaceAll")?, text(call, 2, "replaceAll")?);
    search(call, &pattern, &text)?;
    let (mut out, mut last) = (String::new(), 0);
    for found in pattern.captures_iter(&text) {
        let Some(whole) = found.get(0) else { continue };
        let before = out.len();
        out.push_str(text.get(last..whole.start()).unwrap_or_default());
        expand(call, &found, &with, &mut out)?;
        last = whole.end();
        pay(call, out.len() - before)?;
    }
    out.push_str(text.get(last..).unwrap_or_default());
    call.returns_string(out)
}

/// The groups of one match may be long and named often: what they will take is paid first.
fn expand(call: &ScriptCall<'_>, found: &Captures<'_>, with: &str, out: &mut String) -> std::result::Result<(), Raise> {
    let longest = found.iter().flatten().map(|group| group.len()).max().unwrap_or(0);
    let references = with.bytes().filter(|byte| *byte == b'$').count();
    pay(call, with.len().saturating_add(references.saturating_mul(longest)))?;
    found.expand(with, out);
    Ok(())
}

fn push(call: &mut ScriptCall<'_>, table: Value, value: Value) -> std::result::Result<(), Raise> {
    if let Value::Table(table) = table {
        call.heap.push(table, value)?;
    }
    Ok(())
}

fn known(call: &ScriptCall<'_>, function: &str) -> std::result::Result<Regex, Raise> {
    let index = handle(call, PATTERN, function)?;
    call.host.patterns.get(index).cloned().ok_or_else(|| Raise::Fatal("a pattern is gone".to_owned()))
}

fn pattern(call: &ScriptCall<'_>, at: usize, function: &str) -> std::result::Result<Regex, Raise> {
    let source = text(call, at, function)?;
    if source.len() > MAX_PATTERN {
        return Err(Raise::message(format!("a pattern has at most {MAX_PATTERN} bytes")));
    }
    pay(call, source.len() * 64)?;
    RegexBuilder::new(&source).size_limit(MAX_COMPILED).build().map_err(|error| Raise::message(format!("this is not a pattern: {error}")))
}

/// A search takes a step for each byte of the text and each part of the pattern.
fn search(call: &ScriptCall<'_>, pattern: &Regex, text: &str) -> std::result::Result<(), Raise> {
    call.heap.charge_work(text.len().saturating_mul(1 + pattern.as_str().len() / 8) / 2)
}
