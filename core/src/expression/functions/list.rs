//! Questions about lists.

use std::cmp::Ordering;

use cel::common::types::{CelBool, DYN_TYPE, Kind, LIST_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use crate::expression::run::{length, spend};
use crate::expression::value::{contains, no_overload};

/// How many values `hasAny` and `hasAll` take when they are not given a list.
pub(super) const MOST_WANTED: usize = 8;

pub(super) fn register(env: &mut Env) -> Result<(), DeclarationError> {
    for wanted in 1..=MOST_WANTED {
        let types = || (0..wanted).map(|_| DYN_TYPE).collect();
        env.add_member_overload("hasAny", &format!("list.hasAny/{wanted}"), LIST_TYPE, types(), |arguments| {
            has("hasAny", &arguments, true)
        })?;
        env.add_member_overload("hasAll", &format!("list.hasAll/{wanted}"), LIST_TYPE, types(), |arguments| {
            has("hasAll", &arguments, false)
        })?;
    }
    env.add_member_overload("min", "list.min", LIST_TYPE, vec![], |arguments| extreme("min", &arguments, Ordering::Less))?;
    env.add_member_overload("max", "list.max", LIST_TYPE, vec![], |arguments| extreme("max", &arguments, Ordering::Greater))
}

/// `list.hasAny(wanted)` and `list.hasAll(wanted)`; what is wanted is one list, or is written out as several arguments.
fn has<'b, 'v>(function: &str, arguments: &[CowVal<'b, 'v>], any: bool) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let refuse = || no_overload(function, arguments.iter().map(AsRef::as_ref));
    let (list, wanted) = arguments.split_first().ok_or_else(refuse)?;
    let found = |wanted: &dyn Val| -> Result<bool, ExecutionError> {
        spend(1 + length(list.as_ref()) / 8)?;
        contains(list.as_ref(), wanted)
    };
    let result = |found: bool| Ok(CowVal::owned(CelBool::from(found)));
    match wanted {
        [one] if one.get_type().kind() == Kind::List => {
            let mut elements = one.as_iterable().ok_or_else(refuse)?.iter();
            while let Some(wanted) = elements.next() {
                if found(wanted)? == any {
                    return result(any);
                }
            }
        }
        several => {
            for wanted in several {
                if found(wanted.as_ref())? == any {
                    return result(any);
                }
            }
        }
    }
    result(!any)
}

/// The least or greatest element; the first of equal ones.
fn extreme<'b, 'v>(function: &str, arguments: &[CowVal<'b, 'v>], better: Ordering) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let refuse = || no_overload(function, arguments.iter().map(AsRef::as_ref));
    let list = arguments.first().ok_or_else(refuse)?;
    spend(length(list.as_ref()) / 8)?;
    let mut elements = list.as_iterable().ok_or_else(refuse)?.iter();
    let mut best = elements.next().ok_or_else(|| ExecutionError::function_error(function, "the list is empty"))?;
    // Compared with itself at first, so that a list of one map is an error too.
    let mut next = Some(best);
    while let Some(element) = next {
        let comparer = element.as_comparer().ok_or_else(refuse)?;
        if comparer.compare(best)? == better {
            best = element;
        }
        next = elements.next();
    }
    Ok(CowVal::Owned(best.clone_as_boxed()))
}
