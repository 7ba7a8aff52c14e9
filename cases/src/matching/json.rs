use serde_json::Value;

use super::Mismatches;

/// Objects may have more keys than expected; everything else must be equal. The text `${any}` stands for any value, and null
/// for an absent key too.
pub(crate) fn subset(place: &str, expected: &Value, actual: &Value, out: &mut Mismatches) {
    match (expected, actual) {
        (Value::String(text), _) if text == "${any}" => {}
        (Value::Object(expected), Value::Object(actual)) => {
            for (key, value) in expected {
                let place = format!("{place}.{key}");
                match actual.get(key) {
                    Some(actual) => subset(&place, value, actual, out),
                    None if value.is_null() => {}
                    None => out.differ(&place, value, "(absent)"),
                }
            }
        }
        (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
            for (index, (expected, actual)) in expected.iter().zip(actual).enumerate() {
                subset(&format!("{place}[{index}]"), expected, actual, out);
            }
        }
        _ if expected == actual => {}
        _ => out.differ(place, expected, actual),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn table() {
        for (expected, actual, mismatches) in [
            (json!({"a": 1}), json!({"a": 1, "b": 2}), 0),
            (json!({"a": 1}), json!({"a": 2}), 1),
            (json!({"a": 1}), json!({}), 1),
            (json!({"a": null}), json!({}), 0),
            (json!({"a": null}), json!({"a": 1}), 1),
            (json!({"a": "${any}"}), json!({"a": [1]}), 0),
            (json!({"a": "${any}"}), json!({}), 1),
            (json!([1, 2]), json!([1]), 1),
            (json!([{"a": 1}, 2]), json!([{"a": 1, "b": 1}, 3]), 1),
            (json!(1), json!("1"), 1),
        ] {
            let mut out = Mismatches::default();
            subset("$", &expected, &actual, &mut out);
            assert_eq!(out.iter().count(), mismatches, "{expected} against {actual}");
        }
    }
}
