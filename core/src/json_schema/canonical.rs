//! One sequence of bytes for each JSON value: equal if and only if the values are, as JSON Schema has it (1 is 1.0, and the members of
//! an object have no order). Sets of values are sets of these, so looking one up takes no more than the size of the values.

use serde_json::Value;

use super::number::as_integer;

/// Appends the form of a value, as far as `spend` lets it: it is told the size of each part in steps.
pub fn write(value: &Value, out: &mut Vec<u8>, spend: &mut impl FnMut(usize) -> bool) -> bool {
    let length = match value {
        Value::String(text) => text.len() / 16,
        _ => 0,
    };
    if !spend(1 + length) {
        return false;
    }
    match value {
        Value::Null => out.push(b'n'),
        Value::Bool(value) => out.push(if *value { b't' } else { b'f' }),
        Value::Number(number) => match as_integer(number) {
            Some(integer) => {
                out.push(b'i');
                out.extend_from_slice(&integer.to_be_bytes());
            }
            None => {
                out.push(b'd');
                out.extend_from_slice(&number.as_f64().unwrap_or_default().to_be_bytes());
            }
        },
        Value::String(text) => write_text(b's', text, out),
        Value::Array(items) => {
            write_length(b'[', items.len(), out);
            return items.iter().all(|item| write(item, out, spend));
        }
        Value::Object(members) => {
            write_length(b'{', members.len(), out);
            // The order of serde_json's map depends on how it was built.
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            return members.into_iter().all(|(name, value)| {
                write_text(b'k', name, out);
                spend(1 + name.len() / 16) && write(value, out, spend)
            });
        }
    }
    true
}

/// The form of a value of the schema's own.
pub fn of(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(value, &mut out, &mut |_| true);
    out
}

fn write_text(tag: u8, text: &str, out: &mut Vec<u8>) {
    write_length(tag, text.len(), out);
    out.extend_from_slice(text.as_bytes());
}

fn write_length(tag: u8, length: usize, out: &mut Vec<u8>) {
    out.push(tag);
    out.extend_from_slice(&(length as u64).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn equal_values_have_one_form() {
        for (left, right, equal) in [
            ("1", "1.0", true),
            ("0", "-0.0", true),
            ("1", "true", false),
            ("1", "\"1\"", false),
            ("9007199254740993", "9007199254740992.0", false),
            ("0.5", "5e-1", true),
            ("{\"a\":1,\"b\":2}", "{\"b\":2.0,\"a\":1}", true),
            ("[1,2]", "[2,1]", false),
            ("[[1],2]", "[[1,2]]", false),
            ("[\"a\",\"b\"]", "[\"ab\",\"\"]", false),
            ("{\"a\":\"b\"}", "[\"a\",\"b\"]", false),
            ("[]", "{}", false),
        ] {
            let [left_form, right_form] = [left, right].map(|text| of(&serde_json::from_str(text).unwrap()));
            assert_eq!(left_form == right_form, equal, "{left} {right}");
        }
    }
}
