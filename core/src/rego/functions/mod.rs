//! Built-in functions, with the meaning that the Open Policy Agent gives them. They stand in for the library's own, of which some
//! panic on arguments that a caller can choose, and none tells what it costs: each here pays for its work before it does it.

mod aggregate;
mod bits;
mod collection;
mod encoding;
mod glob;
mod net;
mod number;
mod object;
mod operator;
mod pattern;
mod semver;
mod template;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod types;

use regorus::{Engine, Value};

pub(super) use pattern::Pattern;

use super::meter::{Stopped, refuse, spend};
use super::value::type_name;

/// A function of the built-in ones.
#[derive(Clone, Copy)]
pub(super) struct Function {
    pub name: &'static str,
    pub arity: u8,
    run: fn(&[Value]) -> Outcome,
}

/// A value; undefined where the function has none for these arguments.
type Outcome = Result<Value, Refusal>;

/// Why there is no value. No text of it holds an argument: these are the caller's.
enum Refusal {
    Because(String),
    Stopped,
}

const GROUPS: [&[Function]; 14] = [
    aggregate::FUNCTIONS,
    bits::FUNCTIONS,
    collection::FUNCTIONS,
    encoding::FUNCTIONS,
    glob::FUNCTIONS,
    net::FUNCTIONS,
    number::FUNCTIONS,
    object::FUNCTIONS,
    operator::FUNCTIONS,
    pattern::FUNCTIONS,
    semver::FUNCTIONS,
    text::FUNCTIONS,
    time::FUNCTIONS,
    types::FUNCTIONS,
];

/// What operators are called after a module was rewritten; no module can use the names itself.
pub(super) use operator::{PREFIX, of_arithmetic, of_comparison, of_membership, of_sets};

/// The function of that name.
pub(super) fn find(name: &str) -> Option<Function> {
    all().find(|function| function.name == name)
}

/// The names that a module may call.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    all().map(|function| function.name).filter(|name| !name.starts_with(PREFIX))
}

/// Gives an engine the functions of these names.
///
/// # Errors
/// When one is given twice.
pub(super) fn register<'n>(engine: &mut Engine, names: impl Iterator<Item = &'n str>) -> anyhow::Result<()> {
    for function in names.filter_map(find) {
        let Function { name, arity, run } = function;
        engine.add_extension(name.to_owned(), arity, Box::new(move |arguments: Vec<Value>| call(name, run, &arguments)))?;
    }
    Ok(())
}

fn all() -> impl Iterator<Item = Function> {
    GROUPS.into_iter().flatten().copied()
}

fn call(name: &str, run: fn(&[Value]) -> Outcome, arguments: &[Value]) -> anyhow::Result<Value> {
    run(arguments).map_err(|refusal| {
        if let Refusal::Because(why) = refusal {
            let name = operator::symbol(name).unwrap_or(name);
            refuse(&format!("`{name}`: {why}"));
        }
        anyhow::anyhow!("{name} has no value")
    })
}

impl From<Stopped> for Refusal {
    fn from(Stopped: Stopped) -> Self {
        Self::Stopped
    }
}

impl From<&str> for Refusal {
    fn from(why: &str) -> Self {
        Self::Because(why.to_owned())
    }
}

/// Says which type was needed.
fn not(wanted: &str, value: &Value) -> Refusal {
    Refusal::Because(format!("{wanted} is needed, not {}", type_name(value)))
}

fn text(value: &Value) -> Result<&str, Refusal> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(not("a string", other)),
    }
}

/// A text that the function reads as a whole.
fn paid_text(value: &Value) -> Result<&str, Refusal> {
    let text = text(value)?;
    spend(text.len() / 64)?;
    Ok(text)
}

/// A whole number that fits 64 bits.
fn integer(value: &Value) -> Result<i64, Refusal> {
    match value {
        Value::Number(number) if number.is_integer() => number.as_i64().ok_or_else(|| "the number is out of range".into()),
        Value::Number(_) => Err("a whole number is needed".into()),
        other => Err(not("a number", other)),
    }
}

/// The elements of a list or set, in order.
fn elements(value: &Value) -> Result<Vec<&Value>, Refusal> {
    let elements: Vec<&Value> = match value {
        Value::Array(items) => items.iter().collect(),
        Value::Set(items) => items.iter_sorted().collect(),
        other => return Err(not("an array or a set", other)),
    };
    spend(elements.len() / 8)?;
    Ok(elements)
}

/// The texts in a list or set.
fn texts(value: &Value) -> Result<Vec<&str>, Refusal> {
    elements(value)?.into_iter().map(paid_text).collect()
}

/// A list of the function's own making, which pays for its elements.
fn list(items: Vec<Value>) -> Outcome {
    spend(items.len() / 2)?;
    Ok(Value::from(items))
}

fn array(value: &Value) -> Result<&[Value], Refusal> {
    match value {
        Value::Array(items) => Ok(items.as_slice()),
        other => Err(not("an array", other)),
    }
}

fn arguments<const N: usize>(values: &[Value]) -> Result<&[Value; N], Refusal> {
    values.try_into().map_err(|_| Refusal::from("called with a wrong number of arguments"))
}
