use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{Message, Writer};

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
    fn write(&self, out: &mut Writer) {
        match self.value {
            _ if self.is_too_deep() => out.bytes(1, self.value.to_string().as_bytes()),
            Value::Null => {}
            Value::String(text) => out.bytes(1, text.as_bytes()),
            Value::Bool(value) => out.varint(2, u64::from(*value)),
            Value::Number(number) => match number.as_i64() {
                Some(integer) => out.varint(3, integer.cast_unsigned()),
                None => out.double(4, number.as_f64().unwrap_or_default()),
            },
            Value::Array(items) => {
                let mut array = Writer::default();
                items.iter().for_each(|item| array.message(1, &self.inner(item)));
                out.bytes(5, &array.into_bytes());
            }
            Value::Object(fields) => {
                let mut list = Writer::default();
                fields.iter().for_each(|(key, value)| list.message(1, &Pair { key, value: self.inner(value) }));
                out.bytes(6, &list.into_bytes());
            }
        }
    }
}

impl Serialize for AnyValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self.value {
            _ if self.is_too_deep() => map.serialize_entry("stringValue", &self.value.to_string())?,
            Value::Null => {}
            Value::String(text) => map.serialize_entry("stringValue", text)?,
            Value::Bool(value) => map.serialize_entry("boolValue", value)?,
            Value::Number(number) => match number.as_i64() {
                Some(integer) => map.serialize_entry("intValue", &integer.to_string())?,
                None => map.serialize_entry("doubleValue", &number.as_f64())?,
            },
            Value::Array(items) => {
                map.serialize_entry("arrayValue", &List { values: items.iter().map(|item| self.inner(item)).collect() })?
            }
            Value::Object(fields) => {
                let values = fields.iter().map(|(key, value)| Pair { key, value: self.inner(value) }).collect();
                map.serialize_entry("kvlistValue", &List { values })?;
            }
        }
        map.end()
    }
}

#[derive(Serialize)]
struct List<T> {
    values: Vec<T>,
}

#[derive(Serialize)]
struct Pair<'a> {
    key: &'a str,
    value: AnyValue<'a>,
}

impl Message for Pair<'_> {
    fn write(&self, out: &mut Writer) {
        out.bytes(1, self.key.as_bytes());
        out.message(2, &self.value);
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

impl KeyValue {
    pub fn key(&self) -> &str {
        &self.key
    }

    fn pair(&self) -> Pair<'_> {
        Pair { key: &self.key, value: AnyValue::new(&self.value) }
    }
}

impl Message for KeyValue {
    fn write(&self, out: &mut Writer) {
        self.pair().write(out);
    }
}

impl Serialize for KeyValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.pair().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
        assert_eq!(serde_json::to_value(AnyValue::new(&value)).unwrap(), expected);
    }

    #[test]
    fn what_is_too_deep_is_text() {
        let deep = (0..MAX_DEPTH + 3).fold(json!(1), |inner, _| json!([inner]));
        let text = serde_json::to_string(&AnyValue::new(&deep)).unwrap();
        assert_eq!(text.matches("arrayValue").count(), MAX_DEPTH);
        assert!(text.contains(r#"{"stringValue":"[[[1]]]"}"#), "{text}");
        assert!(Writer::message_of(&AnyValue::new(&deep)).ends_with(b"[[[1]]]"));
    }
}
