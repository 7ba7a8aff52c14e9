//! `sprintf`, with the verbs of Go's that make sense for JSON.

use regorus::Value;

use super::text::pay;
use super::{Outcome, Refusal, arguments, array, integer, not, paid_text};
use crate::rego::value::{to_json, weight};

/// Of a value, in characters.
const MAX_WIDTH: usize = 1000;

pub(super) fn sprintf(values: &[Value]) -> Outcome {
    let [format, items] = arguments(values)?;
    let mut items = array(items)?.iter();
    let mut rest = paid_text(format)?;
    let mut result = String::new();
    while let Some((before, after)) = rest.split_once('%') {
        result.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            result.push('%');
            rest = after;
            continue;
        }
        let (layout, verb, after) = Layout::read(after)?;
        let item = items.next().ok_or("there are fewer values than verbs")?;
        let text = written(item, verb, &layout)?;
        pay(text.len().max(layout.width))?;
        layout.fill(&text, &mut result);
        rest = after;
    }
    if items.next().is_some() {
        return Err("there are more values than verbs".into());
    }
    result.push_str(rest);
    Ok(Value::from(result))
}

/// What stands between `%` and the verb.
#[derive(Default)]
struct Layout {
    left: bool,
    zeros: bool,
    sign: bool,
    width: usize,
    precision: Option<usize>,
}

impl Layout {
    fn read(text: &str) -> Result<(Self, char, &str), Refusal> {
        let mut layout = Self::default();
        let mut rest = text.trim_start_matches(['-', '0', '+', ' ', '#']);
        for flag in text.chars().take(text.len() - rest.len()) {
            match flag {
                '-' => layout.left = true,
                '0' => layout.zeros = true,
                '+' => layout.sign = true,
                _ => return Err("there is no such flag".into()),
            }
        }
        layout.width = number(&mut rest)?.unwrap_or(0);
        if let Some(after) = rest.strip_prefix('.') {
            rest = after;
            layout.precision = Some(number(&mut rest)?.unwrap_or(0));
        }
        let mut characters = rest.chars();
        let verb = characters.next().ok_or("the format ends within a verb")?;
        Ok((layout, verb, characters.as_str()))
    }

    fn fill(&self, text: &str, result: &mut String) {
        let missing = self.width.saturating_sub(text.chars().count());
        match text.strip_prefix(['-', '+']).filter(|_| self.zeros && !self.left) {
            Some(digits) => {
                result.extend(text.chars().take(1));
                result.extend(std::iter::repeat_n('0', missing));
                result.push_str(digits);
            }
            None => {
                let filling = std::iter::repeat_n(if self.zeros && !self.left { '0' } else { ' ' }, missing);
                if self.left {
                    result.push_str(text);
                    result.extend(filling);
                } else {
                    result.extend(filling);
                    result.push_str(text);
                }
            }
        }
    }
}

fn number(rest: &mut &str) -> Result<Option<usize>, Refusal> {
    let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = rest.strip_suffix(after).unwrap_or_default();
    *rest = after;
    if digits.is_empty() {
        return Ok(None);
    }
    digits.parse().ok().filter(|number| *number <= MAX_WIDTH).map(Some).ok_or_else(|| "a width or precision is 1000 at most".into())
}

fn written(item: &Value, verb: char, layout: &Layout) -> Result<String, Refusal> {
    let signed = |value: String| if layout.sign && !value.starts_with('-') { format!("+{value}") } else { value };
    let float = || match item {
        Value::Number(number) => number.as_f64().ok_or_else(|| Refusal::from("the number is out of range")),
        other => Err(not("a number", other)),
    };
    Ok(match verb {
        's' | 'v' => {
            let text = plain(item)?;
            layout.precision.map_or_else(|| text.clone(), |most| text.chars().take(most).collect())
        }
        'q' => serde_json::to_string(super::text(item)?).map_err(|_| "the text cannot be quoted")?,
        'd' => signed(integer(item)?.to_string()),
        'b' => signed(format!("{:b}", integer(item)?.unsigned_abs())),
        'o' => signed(format!("{:o}", integer(item)?.unsigned_abs())),
        'x' => signed(format!("{:x}", integer(item)?.unsigned_abs())),
        'X' => signed(format!("{:X}", integer(item)?.unsigned_abs())),
        'c' => u32::try_from(integer(item)?).ok().and_then(char::from_u32).ok_or("there is no such character")?.to_string(),
        'f' | 'F' => signed(format!("{:.*}", layout.precision.unwrap_or(6), float()?)),
        'e' => signed(format!("{:e}", float()?)),
        'g' => signed(float()?.to_string()),
        't' => match item {
            Value::Bool(value) => value.to_string(),
            other => return Err(not("a boolean", other)),
        },
        _ => return Err("there is no such verb".into()),
    })
}

/// Texts as they are, everything else as JSON.
fn plain(item: &Value) -> Result<String, Refusal> {
    match item {
        Value::String(text) => Ok(text.to_string()),
        other => {
            pay(weight(other).saturating_mul(64))?;
            Ok(to_json(other)?.to_string())
        }
    }
}
