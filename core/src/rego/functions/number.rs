use std::cmp::Ordering;

use regorus::Value;
use regorus::unstable::ArithOp;

use super::operator::arithmetic;
use super::{Function, Outcome, Refusal, arguments, integer, list, not, paid_text, text};
use crate::rego::meter::spend;

pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "abs", arity: 1, run: abs },
    Function { name: "ceil", arity: 1, run: |values| rounded(values, f64::ceil) },
    Function { name: "floor", arity: 1, run: |values| rounded(values, f64::floor) },
    Function { name: "format_int", arity: 2, run: format_int },
    Function { name: "numbers.range", arity: 2, run: range },
    Function { name: "numbers.range_step", arity: 3, run: range_step },
    Function { name: "round", arity: 1, run: |values| rounded(values, f64::round) },
    Function { name: "to_number", arity: 1, run: to_number },
];

fn abs(values: &[Value]) -> Outcome {
    let [value] = arguments(values)?;
    match value {
        Value::Number(_) if *value < Value::from(0u64) => arithmetic(&[Value::from(0u64), value.clone()], ArithOp::Sub),
        Value::Number(_) => Ok(value.clone()),
        other => Err(not("a number", other)),
    }
}

fn rounded(values: &[Value], round: fn(f64) -> f64) -> Outcome {
    let [value] = arguments(values)?;
    match value {
        Value::Number(number) if number.is_integer() => Ok(value.clone()),
        Value::Number(number) => {
            let rounded = round(number.as_f64().ok_or("the number is out of range")?);
            // What is a whole number has to look like one.
            #[expect(clippy::as_conversions, reason = "saturates, and the result is compared with what it came from")]
            let whole = rounded as i64;
            #[expect(clippy::as_conversions, reason = "as above")]
            let is_exact = whole as f64 == rounded && whole != i64::MAX;
            Ok(if is_exact { Value::from(whole) } else { Value::from(rounded) })
        }
        other => Err(not("a number", other)),
    }
}

fn format_int(values: &[Value]) -> Outcome {
    let [value, base] = arguments(values)?;
    let value = integer(&rounded(std::slice::from_ref(value), f64::floor)?)?;
    let sign = if value < 0 { "-" } else { "" };
    let digits = value.unsigned_abs();
    let text = match integer(base)? {
        2 => format!("{sign}{digits:b}"),
        8 => format!("{sign}{digits:o}"),
        10 => format!("{sign}{digits}"),
        16 => format!("{sign}{digits:x}"),
        _ => return Err("the base is 2, 8, 10 or 16".into()),
    };
    Ok(Value::from(text))
}

fn range(values: &[Value]) -> Outcome {
    let [from, to] = arguments(values)?;
    series(integer(from)?, integer(to)?, 1)
}

fn range_step(values: &[Value]) -> Outcome {
    let [from, to, step] = arguments(values)?;
    match integer(step)? {
        step @ 1.. => series(integer(from)?, integer(to)?, step.unsigned_abs()),
        _ => Err("the step has to be positive".into()),
    }
}

/// Up or down, both ends included.
fn series(from: i64, to: i64, step: u64) -> Outcome {
    let last = from.abs_diff(to) / step;
    let length = usize::try_from(last).unwrap_or(usize::MAX).saturating_add(1);
    spend(length)?;
    let number = |index: u64| {
        let distance = index.saturating_mul(step);
        Value::from(if to.cmp(&from) == Ordering::Less {
            from.wrapping_sub_unsigned(distance)
        } else {
            from.wrapping_add_unsigned(distance)
        })
    };
    list((0..=last).map(number).collect())
}

/// Texts are read as JSON writes numbers.
fn to_number(values: &[Value]) -> Outcome {
    let [value] = arguments(values)?;
    match value {
        Value::Null => Ok(Value::from(0u64)),
        Value::Bool(value) => Ok(Value::from(u64::from(*value))),
        Value::Number(_) => Ok(value.clone()),
        Value::String(_) => number(paid_text(value)?).ok_or_else(|| Refusal::from("the text is no number")),
        other => text(other).map(|_| Value::Undefined),
    }
}

/// A number of 64 bits, whole or not.
fn number(text: &str) -> Option<Value> {
    let number: serde_json::Number = serde_json::from_str(text).ok()?;
    let whole = number.as_u64().map(Value::from).or_else(|| number.as_i64().map(Value::from));
    whole.or_else(|| number.as_f64().map(Value::from))
}
