//! What an evaluation knows beside its variables. The functions of the `cel` crate are plain function pointers without a place
//! for state, so the state is the thread's for as long as one evaluation runs; evaluation never suspends.

use std::cell::Cell;

use cel::ExecutionError;
use cel::common::types::{CelBytes, CelList, CelString, Kind};
use cel::common::value::Val;

use crate::context::Budget;
use crate::platform::Timestamp;

thread_local! {
    static NOW: Cell<u64> = const { Cell::new(0) };
    static LEFT: Cell<usize> = const { Cell::new(0) };
    static EXHAUSTED: Cell<bool> = const { Cell::new(false) };
}

/// Runs an evaluation with a clock and a budget. `None` when the budget did not last, whatever the evaluation made of it.
pub(super) fn metered<T>(budget: &Budget, now: Timestamp, evaluate: impl FnOnce() -> T) -> Option<T> {
    let granted = budget.left();
    NOW.set(now.0);
    LEFT.set(granted);
    EXHAUSTED.set(granted == 0);
    let result = evaluate();
    // An exhausted budget is zero; what is left otherwise is at most what was granted.
    let used = granted.saturating_sub(LEFT.get());
    let paid = budget.spend(used).is_ok();
    (paid && !EXHAUSTED.get()).then_some(result)
}

/// What `now()` gives.
pub(super) fn now() -> Timestamp {
    Timestamp(NOW.get())
}

/// Takes steps from the budget.
///
/// # Errors
/// When fewer are left. Logical operators absorb the error, but not that the budget is spent.
pub(super) fn spend(steps: usize) -> Result<(), ExecutionError> {
    let Some(left) = LEFT.get().checked_sub(steps) else {
        LEFT.set(0);
        EXHAUSTED.set(true);
        return Err(ExecutionError::function_error("budget", "spent"));
    };
    LEFT.set(left);
    Ok(())
}

/// A step for each 64 bytes of text that is read, compared or copied.
pub(super) fn spend_bytes(bytes: usize) -> Result<(), ExecutionError> {
    spend(1 + bytes / 64)
}

/// Pays for what a function may do with a value: walk a list once, or read a text.
pub(super) fn spend_on(value: &dyn Val) -> Result<(), ExecutionError> {
    spend(1 + weight(value))
}

/// What is in lists of the crate's own is there as values, which are copied with them; our lists only point to theirs.
fn weight(value: &dyn Val) -> usize {
    match value.get_type().kind() {
        Kind::String => value.downcast_ref::<CelString>().map_or(0, |text| text.len() / 64),
        Kind::Bytes => value.downcast_ref::<CelBytes>().map_or(0, |bytes| bytes.len() / 64),
        _ => {
            let elements = value.downcast_ref::<CelList>().map_or(&[][..], |list| list.inner());
            length(value) / 8 + elements.iter().map(|element| weight(element.as_ref())).sum::<usize>()
        }
    }
}

/// The number of elements of a list or map, or zero.
pub(super) fn length(value: &dyn Val) -> usize {
    value.as_sizer().map_or(0, |sizer| usize::try_from(*sizer.size().inner()).unwrap_or(0))
}
