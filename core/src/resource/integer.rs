//! 64-bit integers, which may be written as a number or, as JSON from other tools has them, as a string of digits.

use serde::{Deserialize, Deserializer};

/// For `#[serde(deserialize_with)]` on an optional field.
pub(crate) fn option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(Option::<Integer>::deserialize(deserializer)?.map(|integer| integer.0))
}

/// For `#[serde(deserialize_with)]` on a required field.
pub(crate) fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    Integer::deserialize(deserializer).map(|integer| integer.0)
}

/// A whole number of 0 or more, as a number or a string of digits.
pub(crate) struct Integer(u64);

impl<'de> Deserialize<'de> for Integer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Visitor).map(Self)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Integer {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Integer".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["integer", "string"], "minimum": 0, "pattern": "^[0-9]+$" })
    }
}

struct Visitor;

impl serde::de::Visitor<'_> for Visitor {
    type Value = u64;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a whole number of 0 or more")
    }

    fn visit_u64<E>(self, number: u64) -> Result<u64, E> {
        Ok(number)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<u64, E> {
        text.parse().map_err(|_| E::invalid_value(serde::de::Unexpected::Str(text), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::Integer;
    use crate::testing::test;

    #[test]
    fn reads_numbers_and_digits() {
        let read = |json: &str| serde_json::from_str::<Integer>(json).map(|integer| integer.0).ok();
        assert_eq!(read("5"), Some(5));
        assert_eq!(read("\"18446744073709551615\""), Some(u64::MAX));
        for bad in ["-1", "1.5", "\"x\"", "\"\"", "\"18446744073709551616\"", "true", "null"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
