use std::borrow::Cow;
use std::sync::Arc;

use cel::common::types::{CelBool, CelDouble, CelInt, CelNull, CelString, CelUInt};
use cel::common::value::Val;
use serde_json::{Number, Value};

use super::list::Items;
use super::source::Shared;
use super::{LazyList, LazyMap, Source};

/// A value that has been read from the request or from JSON. Lists and maps in it are read when something asks for them.
#[derive(Debug)]
pub(in crate::expression) enum Element<'v> {
    Null(CelNull),
    Bool(CelBool),
    Int(CelInt),
    Uint(CelUInt),
    Double(CelDouble),
    Text(CelString<'v>),
    List(LazyList<'v>),
    Map(LazyMap<'v>),
}

impl<'v> Element<'v> {
    pub fn json(value: &'v Value) -> Self {
        match value {
            Value::Null => Self::Null(CelNull),
            Value::Bool(value) => Self::Bool((*value).into()),
            Value::Number(number) => Self::number(number),
            Value::String(text) => Self::text(text),
            Value::Array(items) => Self::List(LazyList::new(Items::Json(items))),
            Value::Object(map) => Self::Map(LazyMap::new(Source::Json(map))),
        }
    }

    pub fn shared(value: &Shared) -> Self {
        match value {
            Shared::Null => Self::Null(CelNull),
            Shared::Bool(value) => Self::Bool((*value).into()),
            Shared::Number(number) => Self::number(number),
            Shared::Text(text) => Self::Text(Arc::clone(text).into()),
            Shared::List(items) => Self::List(LazyList::new(Items::Shared(Arc::clone(items)))),
            Shared::Map(map) => Self::Map(LazyMap::new(Source::Shared(Arc::clone(map)))),
        }
    }

    pub fn text(text: impl Into<Cow<'v, str>>) -> Self {
        Self::Text(CelString::from(text.into()))
    }

    /// A whole number is an int, beyond the range of int a uint; everything else is a double.
    fn number(number: &Number) -> Self {
        if let Some(int) = number.as_i64() {
            Self::Int(int.into())
        } else if let Some(uint) = number.as_u64() {
            Self::Uint(uint.into())
        } else {
            Self::Double(number.as_f64().unwrap_or(f64::NAN).into())
        }
    }

    pub fn as_val<'b>(&'b self) -> &'b (dyn Val + 'v) {
        match self {
            Self::Null(value) => value,
            Self::Bool(value) => value,
            Self::Int(value) => value,
            Self::Uint(value) => value,
            Self::Double(value) => value,
            Self::Text(value) => value,
            Self::List(value) => value,
            Self::Map(value) => value,
        }
    }

    pub fn into_boxed(self) -> Box<dyn Val + 'v> {
        match self {
            Self::Null(value) => Box::new(value),
            Self::Bool(value) => Box::new(value),
            Self::Int(value) => Box::new(value),
            Self::Uint(value) => Box::new(value),
            Self::Double(value) => Box::new(value),
            Self::Text(value) => Box::new(value),
            Self::List(value) => Box::new(value),
            Self::Map(value) => Box::new(value),
        }
    }
}
