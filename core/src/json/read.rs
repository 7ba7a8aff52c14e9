use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{JsonRefusal, Projection};

/// How deep arrays and objects may be nested; the outermost object counts as one.
pub const MAX_DEPTH: usize = 64;

/// Checks the whole text and builds what the projection wants of it.
///
/// The text must be one JSON object (RFC 8259) in UTF-8, without a byte-order mark, nested at most [`MAX_DEPTH`] deep, without
/// duplicate keys at any level (also when one is written with escapes) and without text after it, white space aside. Beside or in
/// place of a key that is wanted there must be none that differs in case only: some upstreams take it for the same.
///
/// Where the projection wants a member of something that is not an object, the value stays what it is (an array loses its
/// elements), so that reading the member fails in the same way as it would on the whole text.
///
/// # Errors
/// [`JsonRefusal`] when the text is not strict.
pub fn read(text: &[u8], wanted: &Projection) -> Result<Value, JsonRefusal> {
    let value = read_value(text, wanted, usize::MAX)?;
    if value.is_object() { Ok(value) } else { Err(JsonRefusal::NotAnObject) }
}

/// As [`read`], of a value of any kind, and of all of it. A value, each array and each object count for one of `most`: a tree takes
/// far more memory than its text.
///
/// # Errors
/// [`JsonRefusal`] when the text is not strict, or holds more than that.
pub fn read_any(text: &[u8], most: usize) -> Result<Value, JsonRefusal> {
    read_value(text, &Projection::whole(), most)
}

fn read_value(text: &[u8], wanted: &Projection, most: usize) -> Result<Value, JsonRefusal> {
    if text.starts_with(b"\xef\xbb\xbf") {
        return Err(JsonRefusal::ByteOrderMark);
    }
    let text = std::str::from_utf8(text).map_err(|_| JsonRefusal::NotUtf8)?;
    let refusal = Cell::new(None);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let left = Cell::new(most);
    let strict = Strict { wanted: Some(wanted), depth: 0, left: &left, refusal: &refusal };
    let value = match strict.deserialize(&mut deserializer) {
        Ok(value) => value.unwrap_or_default(),
        Err(e) => return Err(refusal.get().unwrap_or(JsonRefusal::Syntax { line: e.line(), column: e.column() })),
    };
    deserializer.end().map_err(|_| JsonRefusal::TrailingText)?;
    Ok(value)
}

/// Reads one value; gives `None` when nothing of it is wanted.
#[derive(Clone, Copy)]
struct Strict<'p> {
    wanted: Option<&'p Projection>,
    depth: usize,
    /// How many values may follow.
    left: &'p Cell<usize>,
    refusal: &'p Cell<Option<JsonRefusal>>,
}

impl<'p> Strict<'p> {
    fn refuse<E: Error>(&self, refusal: JsonRefusal) -> E {
        self.refusal.set(Some(refusal));
        E::custom("refused")
    }

    fn inside(&self, wanted: Option<&'p Projection>) -> Self {
        Self { wanted, ..*self }
    }

    /// Enters an array or object.
    fn enter<E: Error>(mut self) -> Result<Self, E> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(self.refuse(JsonRefusal::TooDeep)) } else { Ok(self) }
    }

    fn scalar<E>(&self, value: impl Into<Value>) -> Result<Option<Value>, E> {
        Ok(self.wanted.map(|_| value.into()))
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let Some(left) = self.left.get().checked_sub(1) else { return Err(self.refuse(JsonRefusal::TooMany)) };
        self.left.set(left);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        self.scalar(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        self.scalar(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        self.scalar(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        self.scalar(value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        self.scalar(value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(self.wanted.map(|_| value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
        let this = self.enter()?;
        let element = this.inside(this.wanted.filter(|wanted| wanted.is_whole()));
        let mut elements = Vec::new();
        while let Some(value) = array.next_element_seed(element)? {
            elements.extend(value);
        }
        this.scalar(elements)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let this = self.enter()?;
        let mut seen = SeenKeys::default();
        let mut members = Map::new();
        while let Some(key) = object.next_key_seed(Key)? {
            if this.wanted.is_some_and(|wanted| wanted.is_alike(&key)) {
                return Err(this.refuse(JsonRefusal::AmbiguousKey));
            }
            let wanted = this.wanted.and_then(|wanted| wanted.member(&key));
            let value = object.next_value_seed(this.inside(wanted))?;
            if let Some(value) = value {
                members.insert(key.clone().into_owned(), value);
            }
            if !seen.insert(key) {
                return Err(this.refuse(JsonRefusal::DuplicateKey));
            }
        }
        this.scalar(members)
    }
}

/// The keys of one object. Most objects have few, where a scan beats a tree; a hostile one gets the tree.
#[derive(Default)]
struct SeenKeys<'de> {
    few: Vec<Cow<'de, str>>,
    many: BTreeSet<Cow<'de, str>>,
}

impl<'de> SeenKeys<'de> {
    const FEW: usize = 8;

    /// False when the key was there already.
    fn insert(&mut self, key: Cow<'de, str>) -> bool {
        if self.few.contains(&key) || self.many.contains(&key) {
            return false;
        }
        if self.few.len() < Self::FEW {
            self.few.push(key);
        } else {
            self.many.insert(key);
        }
        true
    }
}

/// An object key, borrowed from the text unless it is written with escapes.
pub(super) struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E: Error>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::test;

    use super::*;
    use serde_json::json;

    fn nested(depth: usize) -> String {
        format!("{}{}{}", "{\"a\":".repeat(depth - 1), "{}", "}".repeat(depth - 1))
    }

    #[test]
    fn what_is_not_strict_is_refused() {
        let cases: [(&[u8], JsonRefusal); 17] = [
            (b"\xef\xbb\xbf{}", JsonRefusal::ByteOrderMark),
            (b"{\"a\":\"\xff\"}", JsonRefusal::NotUtf8),
            (b"[]", JsonRefusal::NotAnObject),
            (b"null", JsonRefusal::NotAnObject),
            (b"\"text\"", JsonRefusal::NotAnObject),
            (b"{} {}", JsonRefusal::TrailingText),
            (b"{}x", JsonRefusal::TrailingText),
            (b"{\"a\":1,\"a\":1}", JsonRefusal::DuplicateKey),
            (b"{\"model\":1,\"mod\\u0065l\":2}", JsonRefusal::DuplicateKey),
            (b"{\"x\":[{\"b\":{\"a\":1,\"\\u0061\":1}}]}", JsonRefusal::DuplicateKey),
            (b"{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"i\":10}", JsonRefusal::DuplicateKey),
            (b"", JsonRefusal::Syntax { line: 1, column: 0 }),
            (b"{\"a\":1,}", JsonRefusal::Syntax { line: 1, column: 8 }),
            (b"{\"a\":01}", JsonRefusal::Syntax { line: 1, column: 7 }),
            (b"{\"a\":NaN}", JsonRefusal::Syntax { line: 1, column: 6 }),
            (b"{\"a\":1e999}", JsonRefusal::Syntax { line: 1, column: 10 }),
            (b"{\"a\":\"\\ud800\"}", JsonRefusal::Syntax { line: 1, column: 13 }),
        ];
        for (text, refusal) in cases {
            let shown = String::from_utf8_lossy(text);
            assert_eq!(read(text, &Projection::default()), Err(refusal), "skipping {shown}");
            assert_eq!(read(text, &Projection::whole()), Err(refusal), "building {shown}");
        }
    }

    #[test]
    fn keys_that_differ_in_case_only_are_refused_where_one_is_wanted() {
        let mut wanted = Projection::path(["messages"]);
        wanted.add(["user", "risk"]);
        for text in [
            r#"{"messages":1,"Messages":2}"#,
            r#"{"MESSAGES":2}"#,
            r#"{"me\u017fsages":2}"#,
            r#"{"user":{"ris\u212a":1}}"#,
            r#"{"user":{"risk":1,"RISK":1}}"#,
        ] {
            assert_eq!(read(text.as_bytes(), &wanted), Err(JsonRefusal::AmbiguousKey), "{text}");
        }
        for text in [r#"{"messages":1,"tools":[{"Messages":1}]}"#, r#"{"id":1,"ID":2}"#, r#"{"user":{"Messages":1}}"#] {
            assert!(read(text.as_bytes(), &wanted).is_ok(), "{text}");
        }
        assert!(read(br#"{"a":1,"A":2}"#, &Projection::whole()).is_ok());
    }

    #[test]
    fn the_depth_is_bounded() {
        assert!(read(nested(MAX_DEPTH).as_bytes(), &Projection::whole()).is_ok());
        assert_eq!(read(nested(MAX_DEPTH + 1).as_bytes(), &Projection::default()), Err(JsonRefusal::TooDeep));
        let arrays = format!("{{\"a\":{}", "[".repeat(100_000));
        assert_eq!(read(arrays.as_bytes(), &Projection::default()), Err(JsonRefusal::TooDeep));
    }

    #[test]
    fn only_what_is_wanted_is_built() {
        let text = br#" {"model":"m","user":{"name":"n","age":3},"list":[{"a":1}],"n":null} "#;
        let cases = [
            (Projection::default(), json!({})),
            (Projection::path(["model"]), json!({"model": "m"})),
            (Projection::path(["user", "name"]), json!({"user": {"name": "n"}})),
            (Projection::path(["user", "absent"]), json!({"user": {}})),
            (Projection::path(["list"]), json!({"list": [{"a": 1}]})),
            (Projection::path(["list", "a"]), json!({"list": []})),
            (Projection::path(["model", "a"]), json!({"model": "m"})),
            (Projection::path(["n", "a"]), json!({"n": null})),
        ];
        for (wanted, expected) in cases {
            assert_eq!(read(text, &wanted), Ok(expected), "{wanted:?}");
        }
    }

    /// serde_json gives this key a meaning of its own when it builds a `Value`.
    #[test]
    fn no_key_is_special() {
        let text = br#"{"a":{"$serde_json::private::RawValue":"{\"model\":1}"}}"#;
        let expected = Map::from_iter([("$serde_json::private::RawValue".to_owned(), json!("{\"model\":1}"))]);
        assert_eq!(read(text, &Projection::whole()).map(|v| v["a"].clone()), Ok(Value::Object(expected)));
    }
}
