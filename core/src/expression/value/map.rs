use std::sync::OnceLock;

use cel::ExecutionError;
use cel::common::traits::{Container, Indexer, Iterable, Iterator, Sizer};
use cel::common::types::{CelInt, CelString, Kind, MAP_TYPE, Type};
use cel::common::value::{CowVal, Val};

use super::{Element, Source, equal, no_overload};
use crate::expression::run::{spend, spend_on};

static TYPE: Type = MAP_TYPE;

/// A map with texts as keys, whose values are made when they are asked for.
#[derive(Debug)]
pub(in crate::expression) struct LazyMap<'v> {
    source: Source<'v>,
    /// All keys, once they are iterated: the interpreter borrows them.
    lent: OnceLock<Vec<CelString<'v>>>,
}

impl<'v> LazyMap<'v> {
    pub fn new(source: Source<'v>) -> Self {
        Self { source, lent: OnceLock::new() }
    }

    pub fn into_source(self) -> Source<'v> {
        self.source
    }

    /// Lends nothing when the budget cannot pay for all: the evaluation has failed then anyhow.
    fn keys(&self) -> &[CelString<'v>] {
        self.lent.get_or_init(|| match spend(self.source.len() / 8) {
            Ok(()) => self.source.keys().into_iter().map(CelString::from).collect(),
            Err(_) => Vec::new(),
        })
    }

    fn find(&self, key: &dyn Val) -> Result<Option<Element<'v>>, ExecutionError> {
        if let Some(key) = key.downcast_ref::<CelString>() {
            return Ok(self.source.get(key));
        }
        match key.get_type().kind() {
            Kind::Int | Kind::UInt | Kind::Double | Kind::Boolean => Ok(None),
            _ => Err(no_overload("_[_]", [self as &dyn Val, key])),
        }
    }

    fn at<'w>(&self, key: &dyn Val) -> Result<Box<dyn Val + 'w>, ExecutionError>
    where
        'v: 'w,
    {
        let element = self.find(key)?.ok_or_else(|| {
            ExecutionError::no_such_key(key.downcast_ref::<CelString>().map_or("a key that is no text", |key| key.inner()))
        })?;
        spend_on(element.as_val())?;
        Ok(element.into_boxed())
    }
}

impl Val for LazyMap<'_> {
    fn get_type(&self) -> &Type {
        &TYPE
    }

    fn cel_type() -> &'static Type {
        &TYPE
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn as_indexer<'b, 'w>(&'b self) -> Option<&'b (dyn Indexer + 'w)>
    where
        Self: 'w,
    {
        Some(self)
    }

    fn as_iterable<'b, 'w>(&'b self) -> Option<&'b (dyn Iterable + 'w)>
    where
        Self: 'w,
    {
        Some(self)
    }

    fn as_sizer(&self) -> Option<&dyn Sizer> {
        Some(self)
    }

    fn equals(&self, other: &dyn Val) -> bool {
        equal(self, other)
    }

    fn clone_as_boxed<'w>(&self) -> Box<dyn Val + 'w>
    where
        Self: 'w,
    {
        Box::new(Self::new(self.source.clone()))
    }
}

impl Container for LazyMap<'_> {
    fn contains(&self, key: &dyn Val) -> Result<bool, ExecutionError> {
        self.find(key).map(|element| element.is_some())
    }
}

impl Indexer for LazyMap<'_> {
    fn get<'b, 'w>(&'b self, key: &dyn Val) -> Result<CowVal<'b, 'w>, ExecutionError>
    where
        Self: 'w,
    {
        self.at(key).map(CowVal::Owned)
    }

    fn steal<'w>(self: Box<Self>, key: &dyn Val) -> Result<Box<dyn Val + 'w>, ExecutionError>
    where
        Self: 'w,
    {
        self.at(key)
    }
}

impl Iterable for LazyMap<'_> {
    fn iter<'b, 'w>(&'b self) -> Box<dyn Iterator<'b, 'w> + 'b>
    where
        Self: 'w,
    {
        Box::new(Lent(self.keys().iter()))
    }
}

struct Lent<'b, 'v>(std::slice::Iter<'b, CelString<'v>>);

impl<'b, 'v: 'w, 'w> Iterator<'b, 'w> for Lent<'b, 'v> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'w)> {
        let key: &'b (dyn Val + 'v) = self.0.next()?;
        Some(key)
    }
}

impl Sizer for LazyMap<'_> {
    fn size(&self) -> CelInt {
        i64::try_from(self.source.len()).unwrap_or(i64::MAX).into()
    }
}
