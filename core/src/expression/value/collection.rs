use std::collections::BTreeMap;
use std::rc::Rc;

use http::HeaderMap;
use serde_json::Value as Json;

use super::{Text, Value, from_json};
use crate::context::{Context, Field, Object, Query};

#[derive(Debug, Clone)]
pub(in crate::expression) enum List<'a> {
    Json(&'a [Json]),
    Owned(Rc<[Value<'a>]>),
}

impl<'a> List<'a> {
    pub fn len(&self) -> usize {
        match self {
            Self::Json(list) => list.len(),
            Self::Owned(list) => list.len(),
        }
    }

    pub fn get(&self, index: usize) -> Option<Value<'a>> {
        match self {
            Self::Json(list) => list.get(index).map(from_json),
            Self::Owned(list) => list.get(index).cloned(),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = Value<'a>> {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}

#[derive(Debug, Clone)]
pub(in crate::expression) enum Map<'a> {
    Json(&'a serde_json::Map<String, Json>),
    Owned(Rc<BTreeMap<Key, (Value<'a>, Value<'a>)>>),
    Headers(&'a HeaderMap),
    Query(Query<'a>),
    Context(&'a Context<'a>, Object),
}

/// A key as it is looked up: whole numbers of all types are one key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::expression) enum Key {
    Bool(bool),
    Whole(i128),
    Text(Rc<str>),
}

impl Key {
    /// `None` for a value that cannot be a key.
    pub fn new(value: &Value<'_>) -> Option<Self> {
        match value {
            Value::Bool(b) => Some(Self::Bool(*b)),
            Value::Text(text) => Some(Self::Text(Rc::from(&**text))),
            value => value.number().and_then(super::Number::whole).map(Self::Whole),
        }
    }
}

impl<'a> Map<'a> {
    pub fn get(&self, key: &Value<'_>) -> Option<Value<'a>> {
        match (self, key) {
            (Self::Owned(map), key) => map.get(&Key::new(key)?).map(|(_, value)| value.clone()),
            (_, Value::Text(key)) => self.get_text(key),
            _ => None,
        }
    }

    pub fn get_text(&self, key: &str) -> Option<Value<'a>> {
        match self {
            Self::Json(map) => map.get(key).map(from_json),
            Self::Owned(map) => map.get(&Key::Text(Rc::from(key))).map(|(_, value)| value.clone()),
            // Header names are looked up as they are written in expressions: in lower case only.
            Self::Headers(headers) if key.bytes().any(|b| b.is_ascii_uppercase()) => None,
            Self::Headers(headers) => headers.get(key).map(header),
            Self::Query(query) => query.get(key).map(|value| Value::Text(Text::from(value))),
            Self::Context(context, object) => context.field(*object, key).map(|field| from_field(context, field)),
        }
    }

    /// All entries. Of headers and query parameters that repeat, the first.
    pub fn entries(&self) -> Vec<(Value<'a>, Value<'a>)> {
        match self {
            Self::Json(map) => map.iter().map(|(key, value)| (Value::Text(Text::Borrowed(key)), from_json(value))).collect(),
            Self::Owned(map) => map.values().cloned().collect(),
            Self::Headers(headers) => {
                headers.keys().filter_map(|name| Some((Value::Text(Text::Borrowed(name.as_str())), header(headers.get(name)?)))).collect()
            }
            Self::Query(query) => {
                let mut first = BTreeMap::new();
                for (name, value) in query.pairs() {
                    first.entry(name).or_insert(value);
                }
                first.into_iter().map(|(name, value)| (Value::Text(name.into()), Value::Text(value.into()))).collect()
            }
            Self::Context(_, object) => {
                let entry = |key: &&'static str| Some((Value::Text(Text::Borrowed(key)), self.get_text(key)?));
                object.keys().iter().filter_map(entry).collect()
            }
        }
    }

    /// The number of entries, and of the steps that listing them takes.
    pub fn len(&self) -> usize {
        match self {
            Self::Json(map) => map.len(),
            Self::Owned(map) => map.len(),
            Self::Headers(headers) => headers.keys_len(),
            Self::Query(_) | Self::Context(..) => self.entries().len(),
        }
    }
}

fn header<'a>(value: &'a http::HeaderValue) -> Value<'a> {
    Value::Text(String::from_utf8_lossy(value.as_bytes()).into())
}

fn from_field<'a>(context: &'a Context<'a>, field: Field<'a>) -> Value<'a> {
    match field {
        Field::Text(text) => Value::Text(Text::Borrowed(text)),
        Field::OwnedText(text) => Value::text(text),
        Field::Size(size) => i64::try_from(size).map_or(Value::Uint(size), Value::Int),
        Field::Json(json) => from_json(json),
        Field::Headers(headers) => Value::Map(Map::Headers(headers)),
        Field::Query(query) => Value::Map(Map::Query(query)),
        Field::Object(object) => Value::Map(Map::Context(context, object)),
    }
}
