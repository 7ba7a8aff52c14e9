//! Strict JSON, against `serde_json`: what is taken means the same there, and what is refused is refused for the reason that is given.

#![no_main]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use postern_core::json::{self, JsonRefusal, MAX_DEPTH, Projection};
use serde_json::{Map, Value};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // Paths of keys in the first line; the rest is the text.
    let line = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (paths, text) = (String::from_utf8_lossy(&data[..line]), data.get(line + 1..).unwrap_or_default());
    let keys = keys(text);
    // serde_json gives these a meaning of their own, however they are written.
    if keys.iter().any(|key| key.starts_with("$serde_json::private::")) {
        let _ = json::read(text, &Projection::whole());
        return;
    }
    let mut wanted = Projection::default();
    paths.split(',').filter(|path| !path.is_empty()).for_each(|path| wanted.add(path.split('.')));
    let reference: Result<Value, _> = serde_json::from_slice(text);
    for wanted in [Projection::default(), Projection::whole(), wanted] {
        match json::read(text, &wanted) {
            Ok(value) => {
                let whole = reference.as_ref().expect("what is strict is JSON");
                assert_eq!(value, project(whole, &wanted), "{wanted:?}");
                edit(text, whole);
            }
            Err(refusal) => {
                assert!(holds(refusal, text, &reference, &wanted, keys.len()), "{refusal:?} of {}", String::from_utf8_lossy(text))
            }
        }
    }
});

/// What a projection says that is left of a value.
fn project(value: &Value, wanted: &Projection) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter_map(|(key, value)| Some((key.clone(), project(value, wanted.member(key)?))));
            Value::Object(kept.collect::<Map<_, _>>())
        }
        Value::Array(_) if !wanted.is_whole() => Value::Array(Vec::new()),
        other => other.clone(),
    }
}

/// Setting a member sets that member and no other.
fn edit(text: &[u8], whole: &Value) {
    let text = std::str::from_utf8(text).expect("what is strict is UTF-8");
    let mut expected = whole.clone();
    for key in whole.as_object().into_iter().flat_map(Map::keys).take(2).map(String::as_str).chain(["new"]) {
        let edited = json::set_members(text, &BTreeMap::from([(key, "[1]".to_owned())])).expect("an object");
        let previous = expected.as_object_mut().expect("an object").insert(key.to_owned(), serde_json::json!([1]));
        assert_eq!(serde_json::from_str::<Value>(&edited).ok().as_ref(), Some(&expected), "{key} in {edited}");
        assert_eq!(json::member(&edited, key), Some("[1]"), "{key} in {edited}");
        assert_eq!(json::read(edited.as_bytes(), &Projection::whole()).as_ref(), Ok(&expected), "an edited text is as strict as before");
        match previous {
            Some(value) => expected.as_object_mut().expect("an object").insert(key.to_owned(), value),
            None => expected.as_object_mut().expect("an object").remove(key),
        };
    }
}

fn holds(refusal: JsonRefusal, text: &[u8], reference: &serde_json::Result<Value>, wanted: &Projection, keys: usize) -> bool {
    match refusal {
        JsonRefusal::ByteOrderMark => text.starts_with(b"\xef\xbb\xbf"),
        JsonRefusal::NotUtf8 => std::str::from_utf8(text).is_err(),
        JsonRefusal::NotAnObject => reference.as_ref().is_ok_and(|value| !value.is_object()),
        JsonRefusal::TooDeep => deepest(text) > MAX_DEPTH,
        JsonRefusal::DuplicateKey => reference.as_ref().map_or(true, |value| keys > count(value)),
        JsonRefusal::AmbiguousKey => !wanted.is_whole() && !wanted.is_empty(),
        JsonRefusal::Syntax { .. } | JsonRefusal::TrailingText => reference.is_err(),
        JsonRefusal::TooMany => false,
    }
}

/// Of brackets that are not in a string, in a text that may not be JSON.
fn deepest(text: &[u8]) -> usize {
    let (mut depth, mut deepest, mut inside, mut escaped) = (0_usize, 0, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            b'{' | b'[' if !inside => depth += 1,
            b'}' | b']' if !inside => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn count(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.len() + members.values().map(count).sum::<usize>(),
        Value::Array(elements) => elements.iter().map(count).sum(),
        _ => 0,
    }
}

/// The keys that are written, as they are meant, each as often as it stands there.
fn keys(text: &[u8]) -> Vec<String> {
    let found = RefCell::default();
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let _ = serde::de::DeserializeSeed::deserialize(Keys(&found), &mut deserializer);
    found.into_inner()
}

struct Keys<'a>(&'a RefCell<Vec<String>>);

impl<'de> serde::de::DeserializeSeed<'de> for Keys<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> serde::de::Visitor<'de> for Keys<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        while array.next_element_seed(Keys(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some(key) = object.next_key()? {
            self.0.borrow_mut().push(key);
            object.next_value_seed(Keys(self.0))?;
        }
        Ok(())
    }
}
