//! What compiling puts into expressions. No source can name these functions, as `@` is not in the alphabet of names.

use cel::common::types::{CelBool, CelInt, DYN_TYPE, INT_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use crate::expression::run::{length, spend, spend_on};
use crate::expression::value::{contains, equal, no_overload};

/// `@read(x)` is x, paid for.
pub(in crate::expression) const READ: &str = "@read";
/// `@walk(list, steps)` is the list, all steps for each of its elements paid for.
pub(in crate::expression) const WALK: &str = "@walk";
/// `@equal(a, b)` is `a == b` for lists and maps of all kinds.
pub(in crate::expression) const EQUAL: &str = "@equal";
/// `@contains(a, list)` is `a in list` likewise.
pub(in crate::expression) const CONTAINS: &str = "@contains";

pub(super) fn register(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_overload(READ, READ, vec![DYN_TYPE], |arguments| {
        let value = only(READ, arguments)?;
        spend_on(value.as_ref())?;
        Ok(value)
    })?;
    env.add_overload(WALK, WALK, vec![DYN_TYPE, INT_TYPE], |mut arguments| {
        let steps = arguments.pop().and_then(|steps| steps.downcast_ref::<CelInt>().copied());
        let range = only(WALK, arguments)?;
        let steps = steps.and_then(|steps| usize::try_from(*steps.inner()).ok()).unwrap_or(1);
        spend(length(range.as_ref()).saturating_mul(steps))?;
        Ok(range)
    })?;
    env.add_overload(EQUAL, EQUAL, vec![DYN_TYPE, DYN_TYPE], |arguments| match arguments.as_slice() {
        [a, b] => Ok(CowVal::owned(CelBool::from(equal(a.as_ref(), b.as_ref())))),
        _ => Err(ExecutionError::invalid_argument_count(2, arguments.len())),
    })?;
    env.add_overload(CONTAINS, CONTAINS, vec![DYN_TYPE, DYN_TYPE], |arguments| match arguments.as_slice() {
        [value, container] => Ok(CowVal::owned(CelBool::from(contains(container.as_ref(), value.as_ref())?))),
        _ => Err(ExecutionError::invalid_argument_count(2, arguments.len())),
    })
}

fn only<'b, 'v>(function: &str, mut arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    arguments.pop().ok_or_else(|| no_overload(function, std::iter::empty::<&dyn Val>()))
}
