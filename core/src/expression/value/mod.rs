//! Values at run time. What comes from the request is borrowed; what is computed is shared by reference count, so cloning a
//! value is always cheap.

mod collection;
mod json;
mod number;
mod relation;
mod text;

use std::rc::Rc;

use time::{Duration, OffsetDateTime};

pub(super) use collection::{Key, List, Map};
pub(super) use json::{from_json, to_json};
pub(super) use number::Number;
pub(super) use relation::{compare, equals};
pub(super) use text::{Text, duration_to_text, timestamp_to_text};

#[derive(Debug, Clone)]
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(Text<'a>),
    Bytes(Rc<[u8]>),
    List(List<'a>),
    Map(Map<'a>),
    Timestamp(OffsetDateTime),
    Duration(Duration),
    Type(Type),
}

/// The types of values, which are values themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Null,
    Bool,
    Int,
    Uint,
    Double,
    Text,
    Bytes,
    List,
    Map,
    Timestamp,
    Duration,
    Type,
}

impl Type {
    pub const ALL: [Self; 12] = [
        Self::Null,
        Self::Bool,
        Self::Int,
        Self::Uint,
        Self::Double,
        Self::Text,
        Self::Bytes,
        Self::List,
        Self::Map,
        Self::Timestamp,
        Self::Duration,
        Self::Type,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Null => "null_type",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Uint => "uint",
            Self::Double => "double",
            Self::Text => "string",
            Self::Bytes => "bytes",
            Self::List => "list",
            Self::Map => "map",
            Self::Timestamp => "google.protobuf.Timestamp",
            Self::Duration => "google.protobuf.Duration",
            Self::Type => "type",
        }
    }
}

impl<'a> Value<'a> {
    pub fn text(text: impl Into<Rc<str>>) -> Self {
        Self::Text(Text::Shared(text.into()))
    }

    pub fn list(elements: impl Into<Rc<[Value<'a>]>>) -> Self {
        Self::List(List::Owned(elements.into()))
    }

    pub fn type_of(&self) -> Type {
        match self {
            Self::Null => Type::Null,
            Self::Bool(_) => Type::Bool,
            Self::Int(_) => Type::Int,
            Self::Uint(_) => Type::Uint,
            Self::Double(_) => Type::Double,
            Self::Text(_) => Type::Text,
            Self::Bytes(_) => Type::Bytes,
            Self::List(_) => Type::List,
            Self::Map(_) => Type::Map,
            Self::Timestamp(_) => Type::Timestamp,
            Self::Duration(_) => Type::Duration,
            Self::Type(_) => Type::Type,
        }
    }

    pub fn type_name(&self) -> &'static str {
        self.type_of().name()
    }

    pub fn number(&self) -> Option<Number> {
        match self {
            Self::Int(i) => Some(Number::Int(i128::from(*i))),
            Self::Uint(u) => Some(Number::Int(i128::from(*u))),
            Self::Double(d) => Some(Number::Double(*d)),
            _ => None,
        }
    }
}
