//! Regular expressions, on an engine whose time is linear in the text, like RE2's, which the Open Policy Agent uses.

use regex_lite::{Captures, Error, Regex, RegexBuilder};
use regorus::Value;

use super::text::pay;
use super::{Function, Outcome, Refusal, arguments, integer, list, paid_text};
use crate::rego::meter::spend;

pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "regex.find_all_string_submatch_n", arity: 3, run: submatches },
    Function { name: "regex.find_n", arity: 3, run: find },
    Function { name: "regex.is_valid", arity: 1, run: is_valid },
    Function { name: "regex.match", arity: 2, run: matches },
    Function { name: "regex.replace", arity: 3, run: replace },
    Function { name: "regex.split", arity: 2, run: split },
];

/// How much memory a compiled pattern may take, in bytes.
const MAX_SIZE: usize = 256 * 1024;

/// What compiling a pattern costs at least, in steps.
const COMPILATION: usize = 200;

/// A compiled pattern. It is compiled for each call: the library hands a function its arguments and nothing to keep.
pub(in crate::rego) struct Pattern(Regex);

impl Pattern {
    pub fn compile(pattern: &str) -> Result<Self, Error> {
        RegexBuilder::new(pattern).size_limit(MAX_SIZE).build().map(Self)
    }

    /// Compiles, and pays for that and for a search in the text. A step of the engine is worth a byte for each part of the pattern.
    pub(super) fn paid(pattern: &str, text: &str) -> Result<Self, Refusal> {
        spend(COMPILATION + pattern.len())?;
        spend((text.len() / 16).saturating_mul(1 + pattern.len() / 16))?;
        Self::compile(pattern).map_err(|_| "the pattern cannot be used".into())
    }

    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

fn matches(values: &[Value]) -> Outcome {
    let [pattern, text] = arguments(values)?;
    let text = paid_text(text)?;
    Ok(Value::Bool(Pattern::paid(paid_text(pattern)?, text)?.is_match(text)))
}

fn is_valid(values: &[Value]) -> Outcome {
    let [pattern] = arguments(values)?;
    let Value::String(_) = pattern else { return Ok(Value::Bool(false)) };
    let pattern = paid_text(pattern)?;
    spend(COMPILATION + pattern.len())?;
    Ok(Value::Bool(Pattern::compile(pattern).is_ok()))
}

/// So many at most; all where the number is negative.
fn most(value: &Value) -> Result<usize, Refusal> {
    let most = integer(value)?;
    Ok(if most < 0 { usize::MAX } else { usize::try_from(most).unwrap_or(usize::MAX) })
}

fn find(values: &[Value]) -> Outcome {
    let [pattern, text, number] = arguments(values)?;
    let text = paid_text(text)?;
    let pattern = Pattern::paid(paid_text(pattern)?, text)?;
    let found = pattern.0.find_iter(text).take(most(number)?);
    list(found.map(|found| paid(found.as_str())).collect::<Result<_, _>>()?)
}

/// Each match with its groups; a group that has no part in it is an empty text.
fn submatches(values: &[Value]) -> Outcome {
    let [pattern, text, number] = arguments(values)?;
    let text = paid_text(text)?;
    let pattern = Pattern::paid(paid_text(pattern)?, text)?;
    let groups =
        |found: Captures<'_>| found.iter().map(|group| paid(group.map_or("", |group| group.as_str()))).collect::<Result<Vec<_>, _>>();
    let found = pattern.0.captures_iter(text).take(most(number)?);
    list(found.map(|found| groups(found).map(Value::from)).collect::<Result<_, _>>()?)
}

fn split(values: &[Value]) -> Outcome {
    let [pattern, text] = arguments(values)?;
    let text = paid_text(text)?;
    let pattern = Pattern::paid(paid_text(pattern)?, text)?;
    list(pattern.0.split(text).map(paid).collect::<Result<_, _>>()?)
}

/// `$1` and `${name}` in the new text are groups of the match.
fn replace(values: &[Value]) -> Outcome {
    let [text, pattern, new] = arguments(values)?;
    let (text, new) = (paid_text(text)?, paid_text(new)?);
    let pattern = Pattern::paid(paid_text(pattern)?, text)?;
    let (mut result, mut done) = (String::new(), 0);
    for found in pattern.0.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        let before = text.get(done..whole.start()).unwrap_or_default();
        // A group can be named as often as its name fits in the new text.
        pay(before.len().saturating_add(new.len()).saturating_add((new.len() / 2).saturating_mul(whole.len())))?;
        result.push_str(before);
        found.expand(new, &mut result);
        done = whole.end();
    }
    result.push_str(text.get(done..).unwrap_or_default());
    Ok(Value::from(result))
}

fn paid(text: &str) -> Result<Value, Refusal> {
    pay(text.len())?;
    Ok(Value::from(text))
}
