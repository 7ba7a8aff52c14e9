//! How values are tested, compared and written: as the JSON library has it that Inja stands on.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::{Budget, RenderError};

/// Whether a condition holds: not for `false`, 0, null and what has no items. An empty string is true.
pub fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(_) => true,
        Value::Array(array) => !array.is_empty(),
        Value::Object(object) => !object.is_empty(),
    }
}

/// An order of all values: by kind first, and numbers by what they are worth.
pub fn compare(a: &Value, b: &Value, budget: &Budget) -> Result<Ordering, RenderError> {
    budget.spend(1)?;
    Ok(match (a, b) {
        (Value::Number(a), Value::Number(b)) => compare_numbers(a, b),
        (Value::String(a), Value::String(b)) => {
            budget.spend(a.len().min(b.len()) / 64)?;
            a.cmp(b)
        }
        (Value::Array(a), Value::Array(b)) => {
            for (a, b) in a.iter().zip(b) {
                let order = compare(a, b, budget)?;
                if order.is_ne() {
                    return Ok(order);
                }
            }
            a.len().cmp(&b.len())
        }
        (Value::Object(a), Value::Object(b)) => {
            for ((key, a), (other, b)) in a.iter().zip(b) {
                let order = key.cmp(other);
                let order = if order.is_eq() { compare(a, b, budget)? } else { order };
                if order.is_ne() {
                    return Ok(order);
                }
            }
            a.len().cmp(&b.len())
        }
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (a, b) => rank(a).cmp(&rank(b)),
    })
}

fn compare_numbers(a: &Number, b: &Number) -> Ordering {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => match (a.as_u64(), b.as_u64()) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
        },
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::Object(_) => 3,
        Value::Array(_) => 4,
        Value::String(_) => 5,
    }
}

/// Writes a value as it is printed: a string without quotes, null as nothing, everything else as JSON.
pub fn print(value: &Value, out: &mut String, budget: &Budget) -> Result<(), RenderError> {
    match value {
        Value::Null => Ok(()),
        Value::String(text) => {
            budget.pay(text.len())?;
            out.push_str(text);
            Ok(())
        }
        other => write(other, out, budget),
    }
}

/// Writes a value as compact JSON, the keys of objects in order.
pub fn write(value: &Value, out: &mut String, budget: &Budget) -> Result<(), RenderError> {
    budget.spend(1)?;
    match value {
        Value::Null => push("null", out, budget),
        Value::Bool(true) => push("true", out, budget),
        Value::Bool(false) => push("false", out, budget),
        Value::Number(number) => push(&number_text(number), out, budget),
        Value::String(text) => write_string(text, out, budget),
        Value::Array(array) => {
            push("[", out, budget)?;
            for (at, item) in array.iter().enumerate() {
                push(if at == 0 { "" } else { "," }, out, budget)?;
                write(item, out, budget)?;
            }
            push("]", out, budget)
        }
        Value::Object(object) => {
            push("{", out, budget)?;
            for (at, (key, item)) in object.iter().enumerate() {
                push(if at == 0 { "" } else { "," }, out, budget)?;
                write_string(key, out, budget)?;
                push(":", out, budget)?;
                write(item, out, budget)?;
            }
            push("}", out, budget)
        }
    }
}

fn write_string(text: &str, out: &mut String, budget: &Budget) -> Result<(), RenderError> {
    push("\"", out, budget)?;
    escape(text, out, budget)?;
    push("\"", out, budget)
}

fn push(text: &str, out: &mut String, budget: &Budget) -> Result<(), RenderError> {
    budget.pay(text.len())?;
    out.push_str(text);
    Ok(())
}

/// Writes a text as it stands inside a string of JSON (RFC 8259 §7).
pub fn escape(text: &str, out: &mut String, budget: &Budget) -> Result<(), RenderError> {
    // At most six bytes for one; most texts need none more.
    let special = text.bytes().filter(|byte| *byte < 0x20 || matches!(byte, b'"' | b'\\')).count();
    budget.pay(text.len().saturating_add(special.saturating_mul(5)))?;
    out.reserve(text.len());
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            control if control < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    Ok(())
}

/// A whole number as its digits; another as the shortest text that gives the same number, with a point or an exponent in it.
pub fn number_text(number: &Number) -> String {
    let float = number.as_f64().filter(|_| number.is_f64());
    let Some(float) = float else { return number.to_string() };
    let text = format!("{:e}", float.abs());
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits = digits.replace('.', "");
    let point = exponent.parse::<i32>().unwrap_or_default() + 1;
    let sign = if float.is_sign_negative() { "-" } else { "" };
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let unsigned = if float == 0.0 {
        "0.0".to_owned()
    } else if (count..=15).contains(&point) {
        format!("{digits}{}.0", zeros(point - count))
    } else if (1..=15).contains(&point) {
        let (whole, fraction) = digits.split_at_checked(usize::try_from(point).unwrap_or_default()).unwrap_or((&digits, "0"));
        format!("{whole}.{fraction}")
    } else if (-3..=0).contains(&point) {
        format!("0.{}{digits}", zeros(-point))
    } else {
        let (first, rest) = digits.split_at_checked(1).unwrap_or((&digits, ""));
        let (dot, exponent) = (if rest.is_empty() { "" } else { "." }, point - 1);
        format!("{first}{dot}{rest}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
    };
    format!("{sign}{unsigned}")
}

fn zeros(count: i32) -> String {
    "0".repeat(usize::try_from(count).unwrap_or_default())
}
