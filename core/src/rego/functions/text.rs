use regorus::Value;

use super::{Function, Outcome, Refusal, arguments, integer, list, not, paid_text, text, texts};
use crate::rego::meter::spend;

pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "concat", arity: 2, run: concat },
    Function { name: "contains", arity: 2, run: |values| test(values, |text, part| text.contains(part)) },
    Function { name: "endswith", arity: 2, run: |values| test(values, |text, part| text.ends_with(part)) },
    Function { name: "indexof", arity: 2, run: index },
    Function { name: "indexof_n", arity: 2, run: indexes },
    Function { name: "lower", arity: 1, run: |values| map(values, str::to_lowercase) },
    Function { name: "replace", arity: 3, run: replace },
    Function { name: "split", arity: 2, run: split },
    Function { name: "sprintf", arity: 2, run: super::template::sprintf },
    Function { name: "startswith", arity: 2, run: |values| test(values, |text, part| text.starts_with(part)) },
    Function { name: "strings.any_prefix_match", arity: 2, run: |values| any(values, |text, part| text.starts_with(part)) },
    Function { name: "strings.any_suffix_match", arity: 2, run: |values| any(values, |text, part| text.ends_with(part)) },
    Function { name: "strings.count", arity: 2, run: occurrences },
    Function { name: "strings.replace_n", arity: 2, run: replace_all },
    Function { name: "strings.reverse", arity: 1, run: |values| map(values, |text| text.chars().rev().collect()) },
    Function { name: "substring", arity: 3, run: substring },
    Function { name: "trim", arity: 2, run: |values| trim(values, |text, of| text.trim_matches(of)) },
    Function { name: "trim_left", arity: 2, run: |values| trim(values, |text, of| text.trim_start_matches(of)) },
    Function { name: "trim_prefix", arity: 2, run: |values| cut(values, |text, part| text.strip_prefix(part)) },
    Function { name: "trim_right", arity: 2, run: |values| trim(values, |text, of| text.trim_end_matches(of)) },
    Function { name: "trim_space", arity: 1, run: |values| map(values, |text| text.trim().to_owned()) },
    Function { name: "trim_suffix", arity: 2, run: |values| cut(values, |text, part| text.strip_suffix(part)) },
    Function { name: "upper", arity: 1, run: |values| map(values, str::to_uppercase) },
];

/// A text of the function's own making, which pays for its length before it is made.
pub(super) fn pay(bytes: usize) -> Result<(), Refusal> {
    Ok(spend(1 + bytes / 64)?)
}

fn map(values: &[Value], change: impl Fn(&str) -> String) -> Outcome {
    let [value] = arguments(values)?;
    let text = paid_text(value)?;
    pay(text.len())?;
    Ok(Value::from(change(text)))
}

fn test(values: &[Value], holds: fn(&str, &str) -> bool) -> Outcome {
    let [of, part] = arguments(values)?;
    Ok(Value::Bool(holds(paid_text(of)?, paid_text(part)?)))
}

fn concat(values: &[Value]) -> Outcome {
    let [separator, parts] = arguments(values)?;
    let (separator, parts) = (text(separator)?, texts(parts)?);
    pay(parts.iter().map(|part| part.len() + separator.len()).sum())?;
    Ok(Value::from(parts.join(separator)))
}

/// In characters; -1 where there is none.
fn index(values: &[Value]) -> Outcome {
    let [of, part] = arguments(values)?;
    let (text, part) = (paid_text(of)?, paid_text(part)?);
    let place = text.find(part).and_then(|at| text.get(..at));
    Ok(place.map_or_else(|| Value::from(-1i64), |before| Value::from(before.chars().count())))
}

fn indexes(values: &[Value]) -> Outcome {
    let [of, part] = arguments(values)?;
    let (text, part) = (paid_text(of)?, paid_text(part)?);
    let (mut places, mut characters, mut done) = (Vec::new(), 0, 0);
    while let Some(at) = text.get(done..).and_then(|rest| rest.find(part)).map(|at| done + at) {
        characters += text.get(done..at).unwrap_or_default().chars().count();
        let step = text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        // Occurrences may overlap, so the search goes on a character further, which it may read again.
        spend(1 + (at - done) / 64 + part.len() / 64)?;
        places.push(Value::from(characters));
        characters += 1;
        done = at + step;
    }
    list(places)
}

fn replace(values: &[Value]) -> Outcome {
    let [of, old, new] = arguments(values)?;
    Ok(Value::from(replaced(paid_text(of)?, paid_text(old)?, paid_text(new)?)?))
}

fn replaced(text: &str, old: &str, new: &str) -> Result<String, Refusal> {
    let found = text.matches(old).count();
    pay(text.len().saturating_add(found.saturating_mul(new.len())))?;
    Ok(text.replace(old, new))
}

/// Each place of the text is replaced once, by the first of the keys, in their order, that stands there.
fn replace_all(values: &[Value]) -> Outcome {
    let [patterns, of] = arguments(values)?;
    let Value::Object(members) = patterns else { return Err(not("an object", patterns)) };
    let pairs = members.iter_sorted().map(|(old, new)| Ok((paid_text(old)?, paid_text(new)?)));
    let pairs: Vec<(&str, &str)> = pairs.collect::<Result<_, Refusal>>()?;
    let text = paid_text(of)?;
    spend(text.len().saturating_mul(1 + pairs.len()) / 8)?;
    let (mut result, mut rest) = (String::new(), text);
    while let Some(c) = rest.chars().next() {
        let found = pairs.iter().find(|(old, _)| !old.is_empty() && rest.starts_with(old));
        let length = found.map_or(c.len_utf8(), |(old, _)| old.len());
        if let Some((_, new)) = found {
            pay(new.len())?;
            result.push_str(new);
        } else {
            result.push(c);
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(Value::from(result))
}

fn split(values: &[Value]) -> Outcome {
    let [of, separator] = arguments(values)?;
    let (text, separator) = (paid_text(of)?, paid_text(separator)?);
    let parts: &dyn Fn() -> Box<dyn Iterator<Item = Value>> = if separator.is_empty() {
        &|| Box::new(text.chars().map(|c| Value::from(c.to_string())))
    } else {
        &|| Box::new(text.split(separator).map(Value::from))
    };
    let length = if separator.is_empty() { text.chars().count() } else { text.split(separator).count() };
    spend(length)?;
    list(parts().collect())
}

fn any(values: &[Value], holds: fn(&str, &str) -> bool) -> Outcome {
    let [texts_of, parts] = arguments(values)?;
    let (all, parts) = (one_or_many(texts_of)?, one_or_many(parts)?);
    spend(all.len().saturating_mul(parts.len()) / 4)?;
    Ok(Value::Bool(all.iter().any(|text| parts.iter().any(|part| holds(text, part)))))
}

fn one_or_many(value: &Value) -> Result<Vec<&str>, Refusal> {
    match value {
        Value::String(_) => paid_text(value).map(|text| vec![text]),
        other => texts(other),
    }
}

/// Occurrences that do not overlap; of nothing there is one before each character, and one at the end.
fn occurrences(values: &[Value]) -> Outcome {
    let [of, part] = arguments(values)?;
    Ok(Value::from(paid_text(of)?.matches(paid_text(part)?).count()))
}

/// From a character on, so many; all where the number is negative.
fn substring(values: &[Value]) -> Outcome {
    let [of, offset, length] = arguments(values)?;
    let (text, offset, length) = (paid_text(of)?, integer(offset)?, integer(length)?);
    let Ok(offset) = usize::try_from(offset) else {
        return if offset < 0 { Err("the offset is negative".into()) } else { Ok(Value::from("")) };
    };
    pay(text.len())?;
    let length = if length < 0 { usize::MAX } else { usize::try_from(length).unwrap_or(usize::MAX) };
    Ok(Value::from(text.chars().skip(offset).take(length).collect::<String>()))
}

fn trim(values: &[Value], trim: for<'t> fn(&'t str, &[char]) -> &'t str) -> Outcome {
    let [of, characters] = arguments(values)?;
    let (text, characters) = (paid_text(of)?, paid_text(characters)?);
    spend(text.len().saturating_mul(characters.len()) / 8)?;
    let characters: Vec<char> = characters.chars().collect();
    Ok(Value::from(trim(text, &characters)))
}

fn cut(values: &[Value], cut: for<'t> fn(&'t str, &str) -> Option<&'t str>) -> Outcome {
    let [of, part] = arguments(values)?;
    let (whole, part) = (paid_text(of)?, paid_text(part)?);
    Ok(cut(whole, part).map_or_else(|| of.clone(), Value::from))
}
