//! Enumerations as they are written: the bare name, or its number in Octelium's protocol. They are always written back as names.

/// Makes an enum with its names and numbers, `serde` for both, and a JSON Schema that holds each value's doc comment.
macro_rules! wire_enum {
    ($(#[doc = $doc:literal])* pub enum $name:ident (default $default:ident) { $($body:tt)* }) => {
        wire_enum! { $(#[doc = $doc])* pub enum $name { $($body)* } }

        impl Default for $name {
            fn default() -> Self {
                Self::$default
            }
        }
    };
    ($(#[doc = $doc:literal])* pub enum $name:ident {
        $($(#[doc = $value_doc:literal])* $variant:ident = $number:literal $text:literal),+ $(,)?
    }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[doc = $value_doc])* $variant),+
        }

        impl $name {
            const VALUES: &'static [(&'static str, u64, Self)] = &[$(($text, $number, Self::$variant)),+];

            /// The value as it is written.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any($crate::resource::wire_enum::NameOrNumber(Self::VALUES))
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::resource::wire_enum::schema(concat!($($doc),*), &[$(($text, $number, concat!($($value_doc),*))),+])
            }
        }
    };
}

pub(crate) use wire_enum;

/// Reads a value by its name or its number.
pub(crate) struct NameOrNumber<T: 'static>(pub &'static [(&'static str, u64, T)]);

impl<T: Copy> serde::de::Visitor<'_> for NameOrNumber<T> {
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("one of")?;
        self.0.iter().try_for_each(|(name, ..)| write!(f, " {name}"))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        let found = self.0.iter().find(|(name, ..)| *name == text);
        found.map(|(.., value)| *value).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<T, E> {
        let found = self.0.iter().find(|(_, n, _)| *n == number);
        found.map(|(.., value)| *value).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Unsigned(number), &self))
    }
}

#[cfg(feature = "schema")]
pub(crate) fn schema(doc: &str, values: &[(&str, u64, &str)]) -> schemars::Schema {
    let mut branches: Vec<serde_json::Value> = values
        .iter()
        .map(|(name, _, doc)| match doc.trim() {
            "" => serde_json::json!({ "const": name }),
            doc => serde_json::json!({ "const": name, "description": doc }),
        })
        .collect();
    let numbers: Vec<u64> = values.iter().map(|(_, number, _)| *number).collect();
    branches.push(serde_json::json!({ "enum": numbers, "description": "The value's number in Octelium's protocol." }));
    schemars::json_schema!({ "description": doc.trim(), "oneOf": branches })
}

#[cfg(test)]
mod tests {
    use crate::resource::{Effect, UserType, service::Mode};
    use crate::testing::test;

    #[test]
    fn reads_names_and_numbers_and_writes_names() {
        let read = |json: &str| serde_json::from_str::<Mode>(json);
        assert_eq!(read("\"HTTP\"").unwrap(), Mode::Http);
        assert_eq!(read("3").unwrap(), Mode::Http);
        assert_eq!(read("14").unwrap(), Mode::Llm);
        assert!(read("15").is_err());
        assert!(read("\"http\"").unwrap_err().to_string().contains("one of MODE_UNSET TCP UDP HTTP"));
        assert_eq!(serde_json::to_string(&Mode::RdpWeb).unwrap(), "\"RDP_WEB\"");
        assert_eq!(serde_json::from_str::<Effect>("2").unwrap(), Effect::Deny);
        assert_eq!(serde_json::from_str::<UserType>("2").unwrap(), UserType::Workload);
    }
}
