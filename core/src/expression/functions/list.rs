//! Questions about lists.

use std::cmp::Ordering;

use super::{Evaluated, Fault, Function, MANY, Run, Value, no_overload};
use crate::expression::evaluate::contains;
use crate::expression::value::{List, compare};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::member("hasAny", (2, MANY), |run, arguments| has(run, "hasAny", arguments, true)),
    Function::member("hasAll", (2, MANY), |run, arguments| has(run, "hasAll", arguments, false)),
    Function::member("min", (1, 1), |run, arguments| extreme(run, "min", arguments, Ordering::Less)),
    Function::member("max", (1, 1), |run, arguments| extreme(run, "max", arguments, Ordering::Greater)),
];

/// `list.hasAny(wanted)` and `list.hasAll(wanted)`; what is wanted is one list, or is written out as several arguments.
fn has<'a>(run: &Run<'a>, name: &str, arguments: &[Value<'a>], any: bool) -> Evaluated<'a> {
    let wanted = match arguments {
        [Value::List(_), Value::List(wanted)] => wanted.clone(),
        [Value::List(_), wanted @ ..] => List::Owned(wanted.into()),
        _ => return Err(no_overload(name, arguments)),
    };
    let Some(list) = arguments.first() else { return Err(no_overload(name, arguments)) };
    for wanted in wanted.iter() {
        if contains(run, list, &wanted)? == any {
            return Ok(Value::Bool(any));
        }
    }
    Ok(Value::Bool(!any))
}

/// The least or greatest element.
fn extreme<'a>(run: &Run<'a>, name: &str, arguments: &[Value<'a>], better: Ordering) -> Evaluated<'a> {
    let [Value::List(list)] = arguments else { return Err(no_overload(name, arguments)) };
    let mut best: Option<Value<'a>> = None;
    for element in list.iter() {
        run.spend(1)?;
        // Compared with itself at first, so that a list of one map is an error too.
        let order = compare(run, &element, best.as_ref().unwrap_or(&element))?;
        if best.is_none() || order == Some(better) {
            best = Some(element);
        }
    }
    best.ok_or_else(|| Fault::error(format!("`{name}` of an empty list")))
}
