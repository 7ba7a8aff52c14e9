//! Patterns of names: `*` within a part, `**` across parts, `?` for a character, `[a-z]` and `{one,other}`.

use regorus::Value;

use super::pattern::Pattern;
use super::{Function, Outcome, Refusal, arguments, elements, paid_text};

pub(super) const FUNCTIONS: &[Function] =
    &[Function { name: "glob.match", arity: 3, run: matches }, Function { name: "glob.quote_meta", arity: 1, run: quote }];

/// Parts are separated by the delimiters: dots where the list is empty, and nothing where it is null.
fn matches(values: &[Value]) -> Outcome {
    let [pattern, delimiters, text] = arguments(values)?;
    let delimiters = match delimiters {
        Value::Null => String::new(),
        list => elements(list)?.into_iter().map(paid_text).collect::<Result<String, Refusal>>()?,
    };
    let delimiters = if delimiters.is_empty() && !matches!(values.get(1), Some(Value::Null)) { ".".to_owned() } else { delimiters };
    let (pattern, text) = (paid_text(pattern)?, paid_text(text)?);
    let regex = translate(pattern, &delimiters).ok_or("the pattern cannot be used")?;
    Ok(Value::Bool(Pattern::paid(&regex, text)?.is_match(text)))
}

fn translate(pattern: &str, delimiters: &str) -> Option<String> {
    let within =
        if delimiters.is_empty() { "(?s:.)".to_owned() } else { format!("[^{}]", delimiters.chars().map(escaped).collect::<String>()) };
    let mut regex = String::from("^(?:");
    let mut characters = pattern.chars().peekable();
    let mut alternatives = 0usize;
    while let Some(c) = characters.next() {
        match c {
            '*' if characters.next_if_eq(&'*').is_some() => regex.push_str("(?s:.)*"),
            '*' => regex.push_str(&format!("{within}*")),
            '?' => regex.push_str(&within),
            '[' => {
                regex.push('[');
                if characters.next_if_eq(&'!').is_some() {
                    regex.push('^');
                }
                let mut is_closed = false;
                while let Some(c) = characters.next() {
                    match c {
                        ']' => {
                            is_closed = true;
                            break;
                        }
                        '-' => regex.push('-'),
                        '\\' => regex.push_str(&escaped(characters.next()?)),
                        other => regex.push_str(&escaped(other)),
                    }
                }
                is_closed.then(|| regex.push(']'))?;
            }
            '{' => {
                alternatives += 1;
                regex.push_str("(?:");
            }
            '}' if alternatives > 0 => {
                alternatives -= 1;
                regex.push(')');
            }
            ',' if alternatives > 0 => regex.push('|'),
            '\\' => regex.push_str(&escaped(characters.next()?)),
            other => regex.push_str(&escaped(other)),
        }
    }
    regex.push_str(")$");
    (alternatives == 0).then_some(regex)
}

fn escaped(c: char) -> String {
    if c.is_ascii_punctuation() { format!("\\{c}") } else { c.to_string() }
}

fn quote(values: &[Value]) -> Outcome {
    let [text] = arguments(values)?;
    let quoted = paid_text(text)?.chars().map(|c| if "*?\\[]{}".contains(c) { format!("\\{c}") } else { c.to_string() });
    Ok(Value::from(quoted.collect::<String>()))
}
