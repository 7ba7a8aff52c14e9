use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue};
use serde_json::{Number, Value};

use super::Element;
use crate::context::{Context, Field, Object, Query};

/// What the entries of a map are read from.
#[derive(Debug, Clone)]
pub(in crate::expression) enum Source<'v> {
    Json(&'v serde_json::Map<String, Value>),
    Shared(Arc<BTreeMap<String, Shared>>),
    /// By name in lower case, as HTTP/2 writes them (RFC 9113 §8.2.1); the first value of each.
    Headers(&'v HeaderMap),
    Query(Query<'v>),
    Context(&'v Context<'v>, Object),
}

/// JSON that an expression has parsed itself. Its parts are shared instead of borrowed, as it lives no longer than the values.
#[derive(Debug)]
pub(in crate::expression) enum Shared {
    Null,
    Bool(bool),
    Number(Number),
    Text(Arc<String>),
    List(Arc<[Shared]>),
    Map(Arc<BTreeMap<String, Shared>>),
}

impl<'v> Source<'v> {
    pub fn get(&self, key: &str) -> Option<Element<'v>> {
        match self {
            Self::Json(map) => map.get(key).map(Element::json),
            Self::Shared(map) => map.get(key).map(Element::shared),
            Self::Headers(_) if key.bytes().any(|byte| byte.is_ascii_uppercase()) => None,
            Self::Headers(headers) => headers.get(key).map(header),
            Self::Query(query) => query.get(key).map(Element::text),
            Self::Context(context, object) => context.field(*object, key).map(|field| match field {
                Field::Text(text) => Element::text(text),
                Field::OwnedText(text) => Element::text(text),
                Field::Size(size) => Element::Int(i64::try_from(size).unwrap_or(i64::MAX).into()),
                Field::Json(value) => Element::json(value),
                Field::Headers(headers) => Element::Map(super::LazyMap::new(Source::Headers(headers))),
                Field::Query(query) => Element::Map(super::LazyMap::new(Source::Query(query))),
                Field::Object(object) => Element::Map(super::LazyMap::new(Source::Context(context, object))),
            }),
        }
    }

    /// The keys that are there, each once.
    pub fn keys(&self) -> Vec<Cow<'v, str>> {
        match self {
            Self::Json(map) => map.keys().map(|key| Cow::Borrowed(key.as_str())).collect(),
            Self::Shared(map) => map.keys().map(|key| Cow::Owned(key.clone())).collect(),
            Self::Headers(headers) => headers.keys().map(|name| Cow::Borrowed(name.as_str())).collect(),
            Self::Query(query) => {
                let mut keys: Vec<_> = query.pairs().map(|(key, _)| key).collect();
                keys.sort_unstable();
                keys.dedup();
                keys
            }
            Self::Context(context, object) => {
                object.keys().iter().filter(|key| context.field(*object, key).is_some()).map(|key| Cow::Borrowed(*key)).collect()
            }
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Self::Json(map) => map.len(),
            Self::Shared(map) => map.len(),
            Self::Headers(headers) => headers.keys_len(),
            Self::Query(_) | Self::Context(..) => self.keys().len(),
        }
    }
}

impl From<Value> for Shared {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(number) => Self::Number(number),
            Value::String(text) => Self::Text(Arc::new(text)),
            Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Value::Object(map) => Self::Map(Arc::new(map.into_iter().map(|(key, value)| (key, Self::from(value))).collect())),
        }
    }
}

/// Bytes that are not UTF-8 become U+FFFD.
fn header<'v>(value: &'v HeaderValue) -> Element<'v> {
    Element::text(String::from_utf8_lossy(value.as_bytes()))
}
