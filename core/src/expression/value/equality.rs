use cel::ExecutionError;
use cel::common::types::Kind;
use cel::common::value::Val;

use super::no_overload;
use crate::expression::run::{length, spend, spend_on};

/// Equality that sees no difference between the crate's lists and maps and ours. The crate's own takes them for different.
/// False when the budget is spent.
pub(in crate::expression) fn equal(a: &dyn Val, b: &dyn Val) -> bool {
    match (a.get_type().kind(), b.get_type().kind()) {
        (Kind::List, Kind::List) => length(a) == length(b) && same_elements(a, b).unwrap_or(false),
        (Kind::Map, Kind::Map) => length(a) == length(b) && same_entries(a, b).unwrap_or(false),
        (Kind::List | Kind::Map, _) | (_, Kind::List | Kind::Map) => false,
        _ => a.equals(b),
    }
}

/// `value in container`.
///
/// # Errors
/// When the container is none, or the budget is spent.
pub(in crate::expression) fn contains(container: &dyn Val, value: &dyn Val) -> Result<bool, ExecutionError> {
    if container.get_type().kind() != Kind::List {
        let keys = container.as_container().ok_or_else(|| no_overload("@in", [value, container]))?;
        return keys.contains(value);
    }
    spend(length(container) / 8)?;
    let elements = container.as_iterable().ok_or_else(|| no_overload("@in", [value, container]))?;
    let mut elements = elements.iter();
    while let Some(element) = elements.next() {
        if equal(element, value) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Of lists with the same length; `None` when the budget is spent.
fn same_elements(a: &dyn Val, b: &dyn Val) -> Option<bool> {
    spend(length(a) / 8).ok()?;
    let (mut a, mut b) = (a.as_iterable()?.iter(), b.as_iterable()?.iter());
    while let (Some(a), Some(b)) = (a.next(), b.next()) {
        spend_on(a).ok()?;
        if !equal(a, b) {
            return Some(false);
        }
    }
    Some(true)
}

/// Of maps with the same number of keys; `None` when the budget is spent.
fn same_entries(a: &dyn Val, b: &dyn Val) -> Option<bool> {
    let (values_a, values_b) = (a.as_indexer()?, b.as_indexer()?);
    let mut keys = a.as_iterable()?.iter();
    while let Some(key) = keys.next() {
        spend(1).ok()?;
        let (Ok(a), Ok(b)) = (values_a.get(key), values_b.get(key)) else { return Some(false) };
        if !equal(a.as_ref(), b.as_ref()) {
            return Some(false);
        }
    }
    Some(true)
}
