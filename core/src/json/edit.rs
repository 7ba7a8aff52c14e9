use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The text with members of its outermost object set to other JSON. The others keep every byte, so that their order, white space and
/// numbers of any size stay what they were; a member that was not there becomes the first.
///
/// `None` for a text that is not one object. Whether it is strict otherwise is for [`read`](super::read) to say beforehand.
pub fn set_members(text: &str, members: &BTreeMap<&str, String>) -> Option<String> {
    let found = spans(text)?;
    let mut edited = String::with_capacity(text.len() + members.iter().map(|(key, json)| key.len() + json.len() + 4).sum::<usize>());
    let (before, rest) = text.split_at_checked(text.find('{')? + 1)?;
    edited.push_str(before);
    for (index, (key, json)) in members.iter().filter(|(key, _)| !found.iter().any(|(other, _)| other == *key)).enumerate() {
        edited.push_str(if index == 0 { "" } else { "," });
        edited.push_str(&format!("{}:{json}", serde_json::Value::from(*key)));
    }
    if edited.len() > before.len() && !found.is_empty() {
        edited.push(',');
    }
    let mut at = before.len();
    for (key, span) in &found {
        if let Some(json) = members.get(key.as_ref()) {
            edited.push_str(text.get(at..span.start)?);
            edited.push_str(json);
            at = span.end;
        }
    }
    edited.push_str(rest.get(at - before.len()..)?);
    Some(edited)
}

/// The text of a member of an object; `None` where there is none.
pub fn member<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let (_, span) = spans(text)?.into_iter().find(|(other, _)| other == key)?;
    text.get(span)
}

/// The members of an object, in their order, and where their values stand.
fn spans(text: &str) -> Option<Vec<(Cow<'_, str>, Range<usize>)>> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let members = deserializer.deserialize_map(Members).ok()?;
    deserializer.end().ok()?;
    let place = |raw: &RawValue| {
        let start = raw.get().as_ptr().addr().checked_sub(text.as_ptr().addr())?;
        Some(start..start + raw.get().len())
    };
    members.into_iter().map(|(key, raw)| Some((key, place(raw)?))).collect()
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = object.next_key_seed(super::read::Key)? {
            members.push((key, object.next_value()?));
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn nothing_else_changes() {
        let members = BTreeMap::from([("model", "\"new\"".to_owned())]);
        for (text, expected) in [
            (r#"{"model":"old"}"#, r#"{"model":"new"}"#),
            (r#"{}"#, r#"{"model":"new"}"#),
            (" { } ", " {\"model\":\"new\" } "),
            (r#"{"a":1}"#, r#"{"model":"new","a":1}"#),
            (
                "{\n  \"z\": 12345678901234567890123,\n  \"model\" :\t\"old\" ,\"a\":1.10e0}",
                "{\n  \"z\": 12345678901234567890123,\n  \"model\" :\t\"new\" ,\"a\":1.10e0}",
            ),
            (r#"{"mod\u0065l":{"a":[1,{}]},"b":"{\"model\":1}"}"#, r#"{"mod\u0065l":"new","b":"{\"model\":1}"}"#),
            (r#"{"a":{"model":"inner"},"model":null}"#, r#"{"a":{"model":"inner"},"model":"new"}"#),
            (r#"{"$serde_json::private::RawValue":"1","model":1}"#, r#"{"$serde_json::private::RawValue":"1","model":"new"}"#),
            ("{\"a\":\"\u{e4}\u{1f600}\",\"model\":1}", "{\"a\":\"\u{e4}\u{1f600}\",\"model\":\"new\"}"),
        ] {
            assert_eq!(set_members(text, &members).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn several_at_once() {
        let members = BTreeMap::from([("b", "2".to_owned()), ("a", "1".to_owned()), ("c", "3".to_owned())]);
        assert_eq!(set_members(r#"{"c":0,"x":9,"a":0}"#, &members).as_deref(), Some(r#"{"b":2,"c":3,"x":9,"a":1}"#));
        assert_eq!(set_members("{}", &members).as_deref(), Some(r#"{"a":1,"b":2,"c":3}"#));
    }

    #[test]
    fn only_objects_have_members() {
        for text in ["", "[]", "1", "null", "{", "{} {}", "{\"a\":}"] {
            assert_eq!(set_members(text, &BTreeMap::new()), None, "{text}");
        }
    }

    #[test]
    fn a_member_is_found_as_it_is_written() {
        assert_eq!(member(r#"{"a": {"b" : 1.0} }"#, "a"), Some(r#"{"b" : 1.0}"#));
        assert_eq!(member(r#"{"a":1}"#, "b"), None);
    }
}
