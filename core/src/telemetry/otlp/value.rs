use serde_json::Value;

use super::message::{Field, Fields, Message};

/// `AnyValue` over JSON: an object is a `kvlist`, a list an `array`, null no value.
#[derive(Debug, Clone, Copy)]
pub struct AnyValue<'a> {
    value: &'a Value,
    /// Levels of objects and lists that may follow.
    depth: usize,
}

/// A level of JSON is three of protobuf, and readers stop at 100 of these. One message that is too deep would take the whole batch
/// along, and the JSON may be a caller's; deeper levels are written as JSON text.
const MAX_DEPTH: usize = 20;

impl<'a> AnyValue<'a> {
    pub fn new(value: &'a Value) -> Self {
        Self { value, depth: MAX_DEPTH }
    }

    fn inner(self, value: &'a Value) -> Self {
        Self { value, depth: self.depth.saturating_sub(1) }
    }

    fn is_too_deep(self) -> bool {
        self.depth == 0 && (self.value.is_object() || self.value.is_array())
    }
}

impl Message for AnyValue<'_> {
    fn fields(&self, out: &mut dyn Fields) {
        match self.value {
            _ if self.is_too_deep() => out.text((1, "stringValue"), &self.value.to_string()),
            Value::Null => {}
            Value::String(text) => out.text((1, "stringValue"), text),
            Value::Bool(value) => out.boolean((2, "boolValue"), *value),
            Value::Number(number) => match number.as_i64() {
                Some(integer) => out.int64((3, "intValue"), integer),
                None => out.double((4, "doubleValue"), number.as_f64().unwrap_or_default()),
            },
            Value::Array(_) => out.message((5, "arrayValue"), &List(*self)),
            Value::Object(_) => out.message((6, "kvlistValue"), &List(*self)),
        }
    }
}

/// `ArrayValue` and `KeyValueList`, whose only field is the same.
struct List<'a>(AnyValue<'a>);

impl Message for List<'_> {
    fn fields(&self, out: &mut dyn Fields) {
        out.messages((1, "values"), &|add| match self.0.value {
            Value::Array(items) => items.iter().for_each(|item| add(&self.0.inner(item))),
            Value::Object(fields) => fields.iter().for_each(|(key, value)| add(&Pair { key, value: self.0.inner(value) })),
            _ => {}
        });
    }
}

struct Pair<'a> {
    key: &'a str,
    value: AnyValue<'a>,
}

impl Message for Pair<'_> {
    fn fields(&self, out: &mut dyn Fields) {
        out.text((1, "key"), self.key);
        out.message((2, "value"), &self.value);
    }
}

/// An attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyValue {
    key: String,
    value: Value,
}

/// Makes an attribute.
pub fn attribute(key: impl Into<String>, value: impl Into<Value>) -> KeyValue {
    KeyValue { key: key.into(), value: value.into() }
}

/// A field that is a list of attributes.
pub fn attributes(field: Field, list: &[KeyValue], out: &mut dyn Fields) {
    out.messages(field, &|add| list.iter().for_each(|attribute| add(attribute)));
}

impl KeyValue {
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl Message for KeyValue {
    fn fields(&self, out: &mut dyn Fields) {
        Pair { key: &self.key, value: AnyValue::new(&self.value) }.fields(out);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::json::Json;
    use super::super::protobuf::Protobuf;
    use super::*;
    use crate::testing::test;

    #[test]
    fn json_becomes_any_value() {
        let value = json!({"a": ["x", 1, true, 1.5, null, u64::MAX], "b": {}});
        let expected = json!({"kvlistValue": {"values": [
            {"key": "a", "value": {"arrayValue": {"values": [
                {"stringValue": "x"}, {"intValue": "1"}, {"boolValue": true}, {"doubleValue": 1.5}, {}, {"doubleValue": 18_446_744_073_709_551_615.0}
            ]}}},
            {"key": "b", "value": {"kvlistValue": {"values": []}}},
        ]}});
        assert_eq!(serde_json::from_str::<Value>(&Json::encode(&AnyValue::new(&value))).unwrap(), expected);
    }

    #[test]
    fn what_is_too_deep_is_text() {
        let deep = (0..MAX_DEPTH + 3).fold(json!(1), |inner, _| json!([inner]));
        let text = Json::encode(&AnyValue::new(&deep));
        assert_eq!(text.matches("arrayValue").count(), MAX_DEPTH);
        assert!(text.contains(r#"{"stringValue":"[[[1]]]"}"#), "{text}");
        assert!(Protobuf::encode(&AnyValue::new(&deep)).ends_with(b"[[[1]]]"));
    }
}
