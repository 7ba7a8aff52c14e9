//! Values of the gateway's own that the `cel` crate computes with: the request and JSON, which are read where they are and
//! never copied as a whole, and points and spans of time.

mod element;
mod equality;
mod list;
mod map;
mod source;
mod span;
mod timestamp;

pub(super) use element::Element;
pub(super) use equality::{contains, equal};
pub(super) use list::LazyList;
pub(super) use map::LazyMap;
pub(super) use source::{Shared, Source};
pub(super) use span::Span;
pub(super) use timestamp::Instant;

use cel::ExecutionError;
use cel::common::value::Val;

/// The error of a call whose arguments have the wrong types.
pub(super) fn no_overload<'a>(function: &str, arguments: impl IntoIterator<Item = &'a dyn Val>) -> ExecutionError {
    let types = arguments.into_iter().map(|argument| argument.get_type().name().to_owned()).collect();
    ExecutionError::no_such_overload(function, types)
}
