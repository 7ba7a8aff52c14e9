//! Messages as JSON, in OTLP's own mapping: names in lowerCamelCase, identifiers hexadecimal, enumerations as numbers
//! (OTLP specification, "JSON Protobuf Encoding").

use super::message::{Each, Field, Fields, Message};
use crate::hex;

/// Collects the fields of an object.
#[derive(Debug, Default)]
pub struct Json(String);

impl Json {
    pub fn encode(message: &dyn Message) -> String {
        let mut out = Self("{".to_owned());
        message.fields(&mut out);
        out.0.push('}');
        out.0
    }

    fn key(&mut self, (_, name): Field) {
        if !self.0.ends_with('{') {
            self.0.push(',');
        }
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":");
    }

    fn raw(&mut self, field: Field, value: &str) {
        self.key(field);
        self.0.push_str(value);
    }

    /// What needs no escapes.
    fn quoted(&mut self, field: Field, value: &str) {
        self.key(field);
        self.push_quoted(value);
    }

    fn push_quoted(&mut self, value: &str) {
        self.0.push('"');
        self.0.push_str(value);
        self.0.push('"');
    }

    fn list<T>(&mut self, field: Field, items: &[T], push: impl Fn(&mut Self, &T)) {
        self.raw(field, "[");
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.0.push(',');
            }
            push(self, item);
        }
        self.0.push(']');
    }
}

impl Fields for Json {
    fn text(&mut self, field: Field, value: &str) {
        self.raw(field, &serde_json::Value::from(value).to_string());
    }

    fn id(&mut self, field: Field, value: &[u8]) {
        self.quoted(field, &hex::encode(value));
    }

    fn boolean(&mut self, field: Field, value: bool) {
        self.raw(field, if value { "true" } else { "false" });
    }

    fn number(&mut self, field: Field, value: u32) {
        self.raw(field, &value.to_string());
    }

    fn fixed32(&mut self, field: Field, value: u32) {
        self.number(field, value);
    }

    fn int64(&mut self, field: Field, value: i64) {
        self.quoted(field, &value.to_string());
    }

    fn fixed64(&mut self, field: Field, value: u64) {
        self.quoted(field, &value.to_string());
    }

    fn sfixed64(&mut self, field: Field, value: i64) {
        self.int64(field, value);
    }

    fn double(&mut self, field: Field, value: f64) {
        self.raw(field, &serde_json::Value::from(value).to_string());
    }

    fn fixed64s(&mut self, field: Field, values: &[u64]) {
        self.list(field, values, |out, value| out.push_quoted(&value.to_string()));
    }

    fn doubles(&mut self, field: Field, values: &[f64]) {
        self.list(field, values, |out, value| out.0.push_str(&serde_json::Value::from(*value).to_string()));
    }

    fn message(&mut self, field: Field, value: &dyn Message) {
        self.raw(field, "{");
        value.fields(self);
        self.0.push('}');
    }

    fn messages(&mut self, field: Field, each: &Each<'_>) {
        self.raw(field, "[");
        each(&mut |message| {
            if !self.0.ends_with('[') {
                self.0.push(',');
            }
            self.0.push('{');
            message.fields(self);
            self.0.push('}');
        });
        self.0.push(']');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    struct All(usize);

    impl Message for All {
        fn fields(&self, out: &mut dyn Fields) {
            if self.0 == 0 {
                return;
            }
            let inner = All(self.0 - 1);
            out.text((1, "text"), "a\"\n[{");
            out.id((2, "id"), &[0, 255]);
            out.boolean((3, "yes"), true);
            out.number((4, "enum"), 3);
            out.fixed32((5, "flags"), 1);
            out.int64((6, "int"), -1);
            out.fixed64((7, "time"), u64::MAX);
            out.sfixed64((8, "value"), -5);
            out.double((9, "sum"), 1.5);
            out.fixed64s((10, "counts"), &[1, 2]);
            out.doubles((11, "bounds"), &[0.005, 10.0]);
            out.message((12, "one"), &inner);
            out.messages((13, "many"), &|add| (0..2).for_each(|_| add(&inner)));
            out.messages((14, "none"), &|_| {});
        }
    }

    #[test]
    fn every_kind_of_field() {
        let expected = r#"{"text":"a\"\n[{","id":"00ff","yes":true,"enum":3,"flags":1,"int":"-1","time":"18446744073709551615","value":"-5","sum":1.5,"counts":["1","2"],"bounds":[0.005,10.0],"one":{},"many":[{},{}],"none":[]}"#;
        assert_eq!(Json::encode(&All(1)), expected);
        assert!(serde_json::from_str::<serde_json::Value>(&Json::encode(&All(3))).is_ok());
    }
}
