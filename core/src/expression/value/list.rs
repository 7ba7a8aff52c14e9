use std::sync::{Arc, OnceLock};

use cel::ExecutionError;
use cel::common::traits::{Adder, Container, Indexer, Iterable, Iterator, Sizer};
use cel::common::types::{CelDouble, CelInt, CelList, CelUInt, LIST_TYPE, Type};
use cel::common::value::{CowVal, Val};
use serde_json::Value;

use super::{Element, Shared, contains, equal, no_overload};
use crate::expression::run::{spend, spend_on};

static TYPE: Type = LIST_TYPE;

/// A list of JSON, whose elements are made when they are asked for.
#[derive(Debug)]
pub(in crate::expression) struct LazyList<'v> {
    items: Items<'v>,
    /// All elements, once they are iterated: the interpreter borrows them.
    lent: OnceLock<Vec<Element<'v>>>,
}

#[derive(Debug, Clone)]
pub(super) enum Items<'v> {
    Json(&'v [Value]),
    Shared(Arc<[Shared]>),
}

impl<'v> LazyList<'v> {
    pub(super) fn new(items: Items<'v>) -> Self {
        Self { items, lent: OnceLock::new() }
    }

    fn len(&self) -> usize {
        match &self.items {
            Items::Json(items) => items.len(),
            Items::Shared(items) => items.len(),
        }
    }

    fn element(&self, index: usize) -> Option<Element<'v>> {
        match &self.items {
            Items::Json(items) => items.get(index).map(Element::json),
            Items::Shared(items) => items.get(index).map(Element::shared),
        }
    }

    /// Lends nothing when the budget cannot pay for all: the evaluation has failed then anyhow.
    fn elements(&self) -> &[Element<'v>] {
        self.lent.get_or_init(|| match spend(self.len() / 8) {
            Ok(()) => (0..self.len()).filter_map(|index| self.element(index)).collect(),
            Err(_) => Vec::new(),
        })
    }

    fn at<'w>(&self, index: &dyn Val) -> Result<Box<dyn Val + 'w>, ExecutionError>
    where
        'v: 'w,
    {
        let position = position(index).ok_or_else(|| no_overload("_[_]", [self as &dyn Val, index]))?;
        let element = usize::try_from(position).ok().and_then(|index| self.element(index));
        let element = element.ok_or_else(|| ExecutionError::IndexOutOfBounds(position.into()))?;
        spend_on(element.as_val())?;
        Ok(element.into_boxed())
    }
}

/// A whole number of any type can be an index. One that no list is long enough for is -1.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked; a fraction is refused before")]
fn position(index: &dyn Val) -> Option<i64> {
    if let Some(int) = index.downcast_ref::<CelInt>() {
        Some(*int.inner())
    } else if let Some(uint) = index.downcast_ref::<CelUInt>() {
        Some(i64::try_from(*uint.inner()).unwrap_or(-1))
    } else {
        let double = *index.downcast_ref::<CelDouble>()?.inner();
        (double.fract() == 0.0).then(|| if double.abs() < 9e15 { double as i64 } else { -1 })
    }
}

impl Val for LazyList<'_> {
    fn get_type(&self) -> &Type {
        &TYPE
    }

    fn cel_type() -> &'static Type {
        &TYPE
    }

    fn as_adder<'b, 'w>(&'b self) -> Option<&'b (dyn Adder + 'w)>
    where
        Self: 'w,
    {
        Some(self)
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
        Box::new(Self::new(self.items.clone()))
    }
}

impl Adder for LazyList<'_> {
    fn add<'b, 'w>(&'b self, other: &(dyn Val + 'w)) -> Result<CowVal<'b, 'w>, ExecutionError>
    where
        Self: 'w,
    {
        let mut more = other.as_iterable().ok_or_else(|| no_overload("_+_", [self as &dyn Val, other]))?.iter();
        let mut list: Vec<Box<dyn Val + 'w>> = self.elements().iter().map(|element| element.as_val().clone_as_boxed()).collect();
        while let Some(element) = more.next() {
            list.push(element.clone_as_boxed());
        }
        Ok(CowVal::owned(CelList::from(list)))
    }
}

impl Container for LazyList<'_> {
    fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        contains(self, value)
    }
}

impl Indexer for LazyList<'_> {
    fn get<'b, 'w>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'w>, ExecutionError>
    where
        Self: 'w,
    {
        self.at(index).map(CowVal::Owned)
    }

    fn steal<'w>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'w>, ExecutionError>
    where
        Self: 'w,
    {
        self.at(index)
    }
}

impl Iterable for LazyList<'_> {
    fn iter<'b, 'w>(&'b self) -> Box<dyn Iterator<'b, 'w> + 'b>
    where
        Self: 'w,
    {
        Box::new(Lent(self.elements().iter()))
    }
}

struct Lent<'b, 'v>(std::slice::Iter<'b, Element<'v>>);

impl<'b, 'v: 'w, 'w> Iterator<'b, 'w> for Lent<'b, 'v> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'w)> {
        let element: &'b (dyn Val + 'v) = self.0.next()?.as_val();
        Some(element)
    }
}

impl Sizer for LazyList<'_> {
    fn size(&self) -> CelInt {
        i64::try_from(self.len()).unwrap_or(i64::MAX).into()
    }
}
