//! Text. Positions count characters (code points), not bytes.

use regex_lite::{Regex, RegexBuilder};

use super::format::format;
use super::{Evaluated, Fault, Function, Run, Value, no_overload};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::member("contains", (2, 2), |run, arguments| question(run, "contains", arguments, |a, b| a.contains(b))),
    Function::member("startsWith", (2, 2), |run, arguments| question(run, "startsWith", arguments, |a, b| a.starts_with(b))),
    Function::member("endsWith", (2, 2), |run, arguments| question(run, "endsWith", arguments, |a, b| a.ends_with(b))),
    Function::both("matches", (2, 2), matches),
    Function::member("toLower", (1, 1), |run, arguments| change(run, "toLower", arguments, str::to_lowercase)),
    Function::member("toUpper", (1, 1), |run, arguments| change(run, "toUpper", arguments, str::to_uppercase)),
    Function::member("lowerAscii", (1, 1), |run, arguments| change(run, "lowerAscii", arguments, str::to_ascii_lowercase)),
    Function::member("upperAscii", (1, 1), |run, arguments| change(run, "upperAscii", arguments, str::to_ascii_uppercase)),
    Function::member("trim", (1, 1), |run, arguments| change(run, "trim", arguments, |text| text.trim().to_owned())),
    Function::member("reverse", (1, 1), |run, arguments| change(run, "reverse", arguments, |text| text.chars().rev().collect())),
    Function::global("strings.quote", (1, 1), |run, arguments| change(run, "strings.quote", arguments, quote)),
    Function::member("charAt", (2, 2), char_at),
    Function::member("indexOf", (2, 3), |run, arguments| index_of(run, "indexOf", arguments, false)),
    Function::member("lastIndexOf", (2, 3), |run, arguments| index_of(run, "lastIndexOf", arguments, true)),
    Function::member("substring", (2, 3), substring),
    Function::member("replace", (3, 4), replace),
    Function::member("split", (2, 3), split),
    Function::member("join", (1, 2), join),
    Function::member("format", (2, 2), format),
];

/// Whether a compiled pattern is found anywhere in the text.
pub(in crate::expression) fn matches_text<'a>(run: &Run<'a>, text: &Value<'a>, pattern: &Regex) -> Evaluated<'a> {
    let Value::Text(text) = text else { return Err(Fault::error(format!("`matches` does not take {}", text.type_name()))) };
    // This engine takes about as long for a byte as the evaluator for a step.
    run.spend(text.len())?;
    Ok(Value::Bool(pattern.is_match(text)))
}

/// `matches` with a pattern that is computed; literal patterns are compiled with the expression.
fn matches<'a>(run: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    const COMPILATION: usize = 200;
    let [text, Value::Text(pattern)] = arguments else { return Err(no_overload("matches", arguments)) };
    run.spend(COMPILATION + pattern.len() * 10)?;
    let regex = RegexBuilder::new(pattern).size_limit(1 << 14).build();
    matches_text(run, text, &regex.map_err(|_| Fault::error("the pattern is not a regular expression, or too large"))?)
}

fn question<'a>(run: &Run<'a>, name: &str, arguments: &[Value<'a>], f: fn(&str, &str) -> bool) -> Evaluated<'a> {
    let [Value::Text(text), Value::Text(part)] = arguments else { return Err(no_overload(name, arguments)) };
    run.spend_bytes(text.len() + part.len())?;
    Ok(Value::Bool(f(text, part)))
}

fn change<'a>(run: &Run<'a>, name: &str, arguments: &[Value<'a>], f: fn(&str) -> String) -> Evaluated<'a> {
    let [Value::Text(text)] = arguments else { return Err(no_overload(name, arguments)) };
    run.spend(text.len() / 16)?;
    Ok(Value::text(f(text)))
}

fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '\x07' => quoted.push_str("\\a"),
            '\x08' => quoted.push_str("\\b"),
            '\x0c' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\x0b' => quoted.push_str("\\v"),
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn char_at<'a>(run: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    let [Value::Text(text), Value::Int(index)] = arguments else { return Err(no_overload("charAt", arguments)) };
    run.spend(text.len() / 16)?;
    let at = byte_at(text, *index)?;
    Ok(Value::text(text.get(at..).and_then(|rest| rest.chars().next()).map(String::from).unwrap_or_default()))
}

/// The character position of a part, or -1; looked for at or after (`last`: at or before) a position.
fn index_of<'a>(run: &Run<'a>, name: &str, arguments: &[Value<'a>], last: bool) -> Evaluated<'a> {
    let [Value::Text(text), Value::Text(part), from @ ..] = arguments else { return Err(no_overload(name, arguments)) };
    run.spend((text.len() + part.len()) / 16)?;
    let from = match from {
        [] => None,
        [Value::Int(from)] => Some(byte_at(text, *from)?),
        _ => return Err(no_overload(name, arguments)),
    };
    let found = if last {
        // A part that starts at the position may reach beyond it.
        let end = from.map_or(text.len(), |from| from.saturating_add(part.len()).min(text.len()));
        let mut starts = text.get(..text.ceil_char_boundary(end)).unwrap_or_default().rmatch_indices(&**part);
        starts.find(|(at, _)| from.is_none_or(|from| *at <= from)).map(|(at, _)| at)
    } else {
        let from = from.unwrap_or(0);
        text.get(from..).and_then(|rest| rest.find(&**part)).map(|at| at + from)
    };
    let characters = found.and_then(|at| text.get(..at)).map(|before| before.chars().count());
    Ok(Value::Int(characters.and_then(|count| i64::try_from(count).ok()).unwrap_or(-1)))
}

fn substring<'a>(run: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    let [Value::Text(text), Value::Int(from), to @ ..] = arguments else { return Err(no_overload("substring", arguments)) };
    run.spend(text.len() / 16)?;
    let from = byte_at(text, *from)?;
    let to = match to {
        [] => text.len(),
        [Value::Int(to)] => byte_at(text, *to)?,
        _ => return Err(no_overload("substring", arguments)),
    };
    text.get(from..to).map(Value::text).ok_or_else(out_of_range)
}

fn replace<'a>(run: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    let [Value::Text(text), Value::Text(old), Value::Text(new), limit @ ..] = arguments else {
        return Err(no_overload("replace", arguments));
    };
    run.spend(text.len() / 16)?;
    let limit = limit_of("replace", arguments, limit)?;
    let count = text.matches(&**old).take(limit).count();
    run.spend(count + (count.saturating_mul(new.len()) / 16))?;
    Ok(Value::text(text.replacen(&**old, new, count)))
}

fn split<'a>(run: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    let [Value::Text(text), Value::Text(separator), limit @ ..] = arguments else { return Err(no_overload("split", arguments)) };
    run.spend(text.len() / 16)?;
    let limit = limit_of("split", arguments, limit)?;
    let mut parts = Vec::new();
    if separator.is_empty() {
        // Characters; what is beyond the limit stays in one piece.
        let mut rest = &**text;
        while let Some(c) = rest.chars().next().filter(|_| parts.len() < limit) {
            run.spend(1)?;
            let (head, tail) = if parts.len() + 1 == limit { (rest, "") } else { rest.split_at(c.len_utf8()) };
            parts.push(Value::text(head));
            rest = tail;
        }
    } else if limit > 0 {
        for part in text.splitn(limit, &**separator) {
            run.spend(1)?;
            parts.push(Value::text(part));
        }
    }
    Ok(Value::list(parts))
}

/// The optional number of replacements or parts; a negative one is none.
fn limit_of(name: &str, arguments: &[Value<'_>], limit: &[Value<'_>]) -> Result<usize, Fault> {
    match limit {
        [] => Ok(usize::MAX),
        [Value::Int(limit)] => Ok(usize::try_from(*limit).unwrap_or(usize::MAX)),
        _ => Err(no_overload(name, arguments)),
    }
}

fn join<'a>(run: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    let (list, separator) = match arguments {
        [Value::List(list)] => (list, ""),
        [Value::List(list), Value::Text(separator)] => (list, &**separator),
        _ => return Err(no_overload("join", arguments)),
    };
    let mut joined = String::new();
    for (index, element) in list.iter().enumerate() {
        let Value::Text(text) = element else {
            return Err(Fault::error(format!("`join` of a list that has {}", element.type_name())));
        };
        run.spend(1)?;
        run.spend_bytes(text.len() + separator.len())?;
        if index > 0 {
            joined.push_str(separator);
        }
        joined.push_str(&text);
    }
    Ok(Value::text(joined))
}

/// Where the character stands in the text, in bytes. The end of the text is a position as well.
fn byte_at(text: &str, index: i64) -> Result<usize, Fault> {
    let index = usize::try_from(index).map_err(|_| out_of_range())?;
    text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(index).ok_or_else(out_of_range)
}

fn out_of_range() -> Fault {
    Fault::error("the position is outside of the text")
}
