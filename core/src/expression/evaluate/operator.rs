use std::cmp::Ordering;
use std::rc::Rc;

use time::{Duration, OffsetDateTime};

use super::{Evaluated, Fault, Run, condition};
use crate::expression::node::Node;
use crate::expression::syntax::BinaryOperator as Op;
use crate::expression::value::{Key, Value, compare, equals};

/// `&&` (decided by false) and `||` (decided by true), left to right. A term that fails is absorbed when another one decides.
pub(super) fn logical<'a>(run: &Run<'a>, terms: &'a [Node], decisive: bool) -> Result<bool, Fault> {
    let mut fault: Option<Fault> = None;
    for term in terms {
        match condition(run, term) {
            Ok(b) if b == decisive => return Ok(decisive),
            Ok(_) => {}
            Err(Fault::Exhausted) => return Err(Fault::Exhausted),
            Err(new) => fault = Some(fault.map_or(new.clone(), |old| old.graver(new))),
        }
    }
    fault.map_or(Ok(!decisive), Err)
}

pub(super) fn negate<'a>(value: &Value<'a>) -> Evaluated<'a> {
    match value {
        Value::Int(i) => i.checked_neg().map(Value::Int).ok_or_else(|| overflow("-")),
        Value::Double(d) => Ok(Value::Double(-d)),
        Value::Duration(duration) => duration.checked_mul(-1).map(Value::Duration).ok_or_else(|| overflow("-")),
        value => Err(Fault::error(format!("{} cannot be negated", value.type_name()))),
    }
}

pub(super) fn binary<'a>(run: &Run<'a>, op: Op, a: &Value<'a>, b: &Value<'a>) -> Evaluated<'a> {
    Ok(Value::Bool(match op {
        Op::Equal => equals(run, a, b)?,
        Op::NotEqual => !equals(run, a, b)?,
        Op::Less => compare(run, a, b)? == Some(Ordering::Less),
        Op::LessOrEqual => compare(run, a, b)?.is_some_and(Ordering::is_le),
        Op::Greater => compare(run, a, b)? == Some(Ordering::Greater),
        Op::GreaterOrEqual => compare(run, a, b)?.is_some_and(Ordering::is_ge),
        Op::In => contains(run, b, a)?,
        Op::Add => return add(run, a, b),
        Op::Subtract => return subtract(a, b),
        Op::Multiply | Op::Divide | Op::Modulo => return scale(op, a, b),
    }))
}

/// Whether a list has an equal element, or a map the key.
pub(in crate::expression) fn contains<'a>(run: &Run<'a>, collection: &Value<'a>, wanted: &Value<'a>) -> Result<bool, Fault> {
    match collection {
        Value::List(list) => {
            for element in list.iter() {
                if equals(run, &element, wanted)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Value::Map(map) => {
            super::spend_lookup(run, map)?;
            Ok(Key::new(wanted).is_some() && map.get(wanted).is_some())
        }
        value => Err(Fault::error(format!("`in` needs a list or map on its right, not {}", value.type_name()))),
    }
}

fn add<'a>(run: &Run<'a>, a: &Value<'a>, b: &Value<'a>) -> Evaluated<'a> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.checked_add(*b).map(Value::Int).ok_or_else(|| overflow("+")),
        (Value::Uint(a), Value::Uint(b)) => a.checked_add(*b).map(Value::Uint).ok_or_else(|| overflow("+")),
        (Value::Double(a), Value::Double(b)) => Ok(Value::Double(a + b)),
        (Value::Text(a), Value::Text(b)) => {
            run.spend_bytes(a.len() + b.len())?;
            Ok(Value::text([&**a, &**b].concat()))
        }
        (Value::Bytes(a), Value::Bytes(b)) => {
            run.spend_bytes(a.len() + b.len())?;
            Ok(Value::Bytes(Rc::from([&**a, &**b].concat())))
        }
        (Value::List(a), Value::List(b)) => {
            run.spend(a.len() + b.len())?;
            Ok(Value::list(a.iter().chain(b.iter()).collect::<Vec<_>>()))
        }
        (Value::Timestamp(t), Value::Duration(d)) | (Value::Duration(d), Value::Timestamp(t)) => timestamp(t.checked_add(*d)),
        (Value::Duration(a), Value::Duration(b)) => a.checked_add(*b).map(Value::Duration).ok_or_else(|| overflow("+")),
        _ => Err(no_overload("+", a, b)),
    }
}

fn subtract<'a>(a: &Value<'a>, b: &Value<'a>) -> Evaluated<'a> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.checked_sub(*b).map(Value::Int).ok_or_else(|| overflow("-")),
        (Value::Uint(a), Value::Uint(b)) => a.checked_sub(*b).map(Value::Uint).ok_or_else(|| overflow("-")),
        (Value::Double(a), Value::Double(b)) => Ok(Value::Double(a - b)),
        (Value::Timestamp(t), Value::Duration(d)) => timestamp(t.checked_sub(*d)),
        (Value::Timestamp(a), Value::Timestamp(b)) => Ok(Value::Duration(*a - *b)),
        (Value::Duration(a), Value::Duration(b)) => a.checked_sub(*b).map(Value::Duration).ok_or_else(|| overflow("-")),
        _ => Err(no_overload("-", a, b)),
    }
}

fn scale<'a>(op: Op, a: &Value<'a>, b: &Value<'a>) -> Evaluated<'a> {
    type Checked<T> = fn(T, T) -> Option<T>;
    let symbol = op.symbol();
    let (int, uint): (Checked<i64>, Checked<u64>) = match op {
        Op::Multiply => (i64::checked_mul, u64::checked_mul),
        Op::Divide => (i64::checked_div, u64::checked_div),
        _ => (i64::checked_rem, u64::checked_rem),
    };
    let divides = op != Op::Multiply;
    match (a, b) {
        (Value::Int(_), Value::Int(0)) | (Value::Uint(_), Value::Uint(0)) if divides => Err(Fault::error("division by zero")),
        (Value::Int(a), Value::Int(b)) => int(*a, *b).map(Value::Int).ok_or_else(|| overflow(symbol)),
        (Value::Uint(a), Value::Uint(b)) => uint(*a, *b).map(Value::Uint).ok_or_else(|| overflow(symbol)),
        (Value::Double(a), Value::Double(b)) if op == Op::Multiply => Ok(Value::Double(a * b)),
        (Value::Double(a), Value::Double(b)) if op == Op::Divide => Ok(Value::Double(a / b)),
        _ => Err(no_overload(symbol, a, b)),
    }
}

/// CEL knows the years 1 to 9999.
pub(in crate::expression) fn timestamp<'a>(t: Option<OffsetDateTime>) -> Evaluated<'a> {
    match t {
        Some(t) if (1..=9999).contains(&t.year()) => Ok(Value::Timestamp(t)),
        _ => Err(Fault::error("the timestamp is out of range")),
    }
}

/// CEL durations span 10,000 years either way.
pub(in crate::expression) fn duration<'a>(duration: Option<Duration>) -> Evaluated<'a> {
    const LIMIT: i64 = 315_576_000_000;
    match duration {
        Some(duration) if duration.whole_seconds().unsigned_abs() <= LIMIT.unsigned_abs() => Ok(Value::Duration(duration)),
        _ => Err(Fault::error("the duration is out of range")),
    }
}

fn overflow(symbol: &str) -> Fault {
    Fault::error(format!("the result of `{symbol}` is out of range"))
}

fn no_overload(symbol: &str, a: &Value<'_>, b: &Value<'_>) -> Fault {
    Fault::error(format!("`{symbol}` does not take {} and {}", a.type_name(), b.type_name()))
}
