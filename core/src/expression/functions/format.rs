//! `text.format(list)`, after the strings extension of CEL: `%s %d %f %e %b %o %x %X %%`, `%f` and `%e` with a precision.

use super::number_text::{double_to_text, scientific};
use super::{Evaluated, Fault, Run, Value, no_overload};
use crate::expression::value::{duration_to_text, timestamp_to_text};

/// How many digits may be asked for after the point.
const MAX_PRECISION: usize = 100;

pub(super) fn format<'a>(run: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    let [Value::Text(template), Value::List(values)] = arguments else { return Err(no_overload("format", arguments)) };
    run.spend(template.len() / 16)?;
    let mut values = values.iter();
    let mut out = String::new();
    let mut rest = &**template;
    while let Some((before, clause)) = rest.split_once('%') {
        out.push_str(before);
        if let Some(after) = clause.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let (precision, clause) = precision(clause)?;
        let mut letters = clause.chars();
        let letter = letters.next().ok_or_else(|| Fault::error("the format ends in the middle of a clause"))?;
        let value = values.next().ok_or_else(|| Fault::error("the format has more clauses than values"))?;
        let text = clause_text(run, letter, precision, &value)?;
        run.spend_bytes(text.len())?;
        out.push_str(&text);
        rest = letters.as_str();
    }
    out.push_str(rest);
    Ok(Value::text(out))
}

fn precision(clause: &str) -> Result<(Option<usize>, &str), Fault> {
    let Some(digits) = clause.strip_prefix('.') else { return Ok((None, clause)) };
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = digits.strip_suffix(rest).unwrap_or_default();
    let precision = digits.parse().ok().filter(|precision| *precision <= MAX_PRECISION);
    Ok((Some(precision.ok_or_else(|| Fault::error("the precision of the format is not a number up to 100"))?), rest))
}

fn clause_text(run: &Run<'_>, letter: char, precision: Option<usize>, value: &Value<'_>) -> Result<String, Fault> {
    let digits = precision.unwrap_or(6);
    Ok(match (letter, value) {
        ('s', value) => plain(run, value)?,
        ('d', Value::Int(i)) => i.to_string(),
        ('d', Value::Uint(u)) => u.to_string(),
        ('f', value) => double(value).map(|d| if d.is_finite() { format!("{d:.digits$}") } else { double_to_text(d) })?,
        ('e', value) => double(value).map(|d| if d.is_finite() { scientific(&format!("{d:.digits$e}")) } else { double_to_text(d) })?,
        ('b', Value::Bool(b)) => u8::from(*b).to_string(),
        ('b' | 'o' | 'x' | 'X', Value::Int(i)) => format!("{}{}", if *i < 0 { "-" } else { "" }, radix(letter, i.unsigned_abs())),
        ('b' | 'o' | 'x' | 'X', Value::Uint(u)) => radix(letter, *u),
        ('x', Value::Text(text)) => hexadecimal(run, text.as_bytes())?,
        ('X', Value::Text(text)) => hexadecimal(run, text.as_bytes())?.to_ascii_uppercase(),
        ('x', Value::Bytes(bytes)) => hexadecimal(run, bytes)?,
        ('X', Value::Bytes(bytes)) => hexadecimal(run, bytes)?.to_ascii_uppercase(),
        ('d' | 'b' | 'o' | 'x' | 'X', value) => return Err(mismatch(letter, value)),
        _ => return Err(Fault::error(format!("the format has an unknown clause %{letter}"))),
    })
}

/// What `%s` writes.
fn plain(run: &Run<'_>, value: &Value<'_>) -> Result<String, Fault> {
    run.spend(1)?;
    Ok(match value {
        Value::Null => "null".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Int(i) => i.to_string(),
        Value::Uint(u) => u.to_string(),
        Value::Double(d) => double_to_text(*d),
        Value::Text(text) => {
            run.spend_bytes(text.len())?;
            (**text).to_owned()
        }
        Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::Timestamp(t) => timestamp_to_text(*t),
        Value::Duration(duration) => duration_to_text(*duration),
        Value::Type(t) => t.name().to_owned(),
        Value::List(list) => {
            let parts: Vec<String> = list.iter().map(|element| plain(run, &element)).collect::<Result<_, _>>()?;
            format!("[{}]", parts.join(", "))
        }
        Value::Map(map) => {
            run.spend(map.len())?;
            let part = |(key, value): (Value<'_>, Value<'_>)| Ok(format!("{}: {}", plain(run, &key)?, plain(run, &value)?));
            let mut parts: Vec<String> = map.entries().into_iter().map(part).collect::<Result<_, Fault>>()?;
            parts.sort_unstable();
            format!("{{{}}}", parts.join(", "))
        }
    })
}

#[expect(clippy::cast_precision_loss, reason = "the nearest double is what is written")]
fn double(value: &Value<'_>) -> Result<f64, Fault> {
    match value {
        Value::Double(d) => Ok(*d),
        Value::Int(i) => Ok(*i as f64),
        Value::Uint(u) => Ok(*u as f64),
        value => Err(mismatch('f', value)),
    }
}

fn radix(letter: char, number: u64) -> String {
    match letter {
        'b' => format!("{number:b}"),
        'o' => format!("{number:o}"),
        'x' => format!("{number:x}"),
        _ => format!("{number:X}"),
    }
}

fn hexadecimal(run: &Run<'_>, bytes: &[u8]) -> Result<String, Fault> {
    run.spend(bytes.len() / 16)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn mismatch(letter: char, value: &Value<'_>) -> Fault {
    Fault::error(format!("the format clause %{letter} does not take {}", value.type_name()))
}
