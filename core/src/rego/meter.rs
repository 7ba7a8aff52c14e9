//! What bounds an evaluation. The library counts no steps, but it asks a clock whether its time is over, at each step; the clock
//! that it gets here is the budget of the request. So the bound is the same on every host and at every load.
//!
//! State is the thread's for as long as one evaluation runs: the clock is one for the whole process, and evaluation never suspends.

use std::cell::{Cell, RefCell};
use std::num::NonZeroU32;
use std::time::Duration;

use regorus::utils::limits::{ExecutionTimerConfig, TimeSource, monotonic_now, set_time_source};

use super::error::failure;
use crate::context::Budget;
use crate::expression::Failure;
use crate::platform::Timestamp;

/// How much stack the evaluation may take. A Wasm instance has 1 MiB of its own kind, and its host about as much for the frames of
/// functions; what is allowed here leaves half of the smaller one.
const MAX_STACK: usize = if cfg!(target_family = "wasm") { 224 << 10 } else { 1 << 20 };

thread_local! {
    static NOW: Cell<u64> = const { Cell::new(0) };
    static LEFT: Cell<usize> = const { Cell::new(0) };
    static STOP: Cell<Option<Stop>> = const { Cell::new(None) };
    /// How often the clock was asked since the evaluation had to stop.
    static OVERTIME: Cell<u64> = const { Cell::new(0) };
    static STACK: Cell<usize> = const { Cell::new(0) };
    /// What the first function that refused its arguments said.
    static REFUSED: RefCell<Option<String>> = const { RefCell::new(None) };
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    Exhausted,
    TooDeep,
}

/// No function can go on.
#[derive(Debug)]
pub(super) struct Stopped;

/// Runs an evaluation with a clock and a budget.
///
/// # Errors
/// Also when the evaluation got over an error: of a function that refused its arguments, or of the budget.
pub(super) fn metered<T>(budget: &Budget, now: Timestamp, evaluate: impl FnOnce() -> anyhow::Result<T>) -> Result<T, Failure> {
    let granted = budget.left();
    NOW.set(now.0);
    LEFT.set(granted);
    STOP.set((granted == 0).then_some(Stop::Exhausted));
    OVERTIME.set(0);
    STACK.set(stack_pointer());
    REFUSED.take();
    let result = evaluate();
    let paid = budget.spend(granted.saturating_sub(LEFT.get())).is_ok();
    match (STOP.get(), result, REFUSED.take()) {
        (Some(Stop::TooDeep), ..) => Err(Failure::new("the rules of the Rego module call each other too deep")),
        (Some(Stop::Exhausted), ..) => Err(Failure::new(EXHAUSTED)),
        _ if !paid => Err(Failure::new(EXHAUSTED)),
        (None, Ok(value), None) => Ok(value),
        (None, Ok(_), Some(said)) => Err(Failure::new(format!("the Rego module: {said}"))),
        (None, Err(error), said) => Err(failure(&error, said)),
    }
}

const EXHAUSTED: &str = "the rules need more work than one request may cause";

/// What `time.now_ns` gives.
pub(super) fn now() -> Timestamp {
    Timestamp(NOW.get())
}

/// Takes steps from the budget, before the work is done.
///
/// # Errors
/// When fewer are left.
pub(super) fn spend(steps: usize) -> Result<(), Stopped> {
    if let Some(left) = LEFT.get().checked_sub(steps) {
        LEFT.set(left);
        return Ok(());
    }
    LEFT.set(0);
    stop(Stop::Exhausted);
    Err(Stopped)
}

/// Steps that can still be spent.
pub(super) fn left() -> usize {
    LEFT.get()
}

/// Remembers why a function refuses its arguments. The text must hold none of them.
pub(super) fn refuse(why: &str) {
    REFUSED.with_borrow_mut(|said| {
        said.get_or_insert_with(|| why.to_owned());
    });
}

/// Makes the budget the library's clock. It takes one for the whole process, once.
///
/// # Errors
/// When it has another one: then nothing would bound an evaluation.
pub(super) fn install() -> Result<ExecutionTimerConfig, &'static str> {
    static CLOCK: Clock = Clock;
    // An error says that there is one; whose it is shows below.
    let _ = set_time_source(&CLOCK);
    LEFT.set(2);
    STOP.set(None);
    STACK.set(stack_pointer());
    let _ = monotonic_now();
    if LEFT.get() != 1 {
        return Err("the evaluation of Rego cannot be bounded here");
    }
    Ok(ExecutionTimerConfig { limit: Duration::ZERO, check_interval: NonZeroU32::MIN })
}

/// Stands still while there is something left, and moves on with each look afterwards, whenever the library began to measure.
struct Clock;

impl TimeSource for Clock {
    fn now(&self) -> Option<Duration> {
        let _ = spend(1);
        if STACK.get().abs_diff(stack_pointer()) > MAX_STACK {
            stop(Stop::TooDeep);
        }
        if STOP.get().is_some() {
            OVERTIME.set(OVERTIME.get() + 1);
        }
        Some(Duration::from_secs(OVERTIME.get()))
    }
}

fn stop(why: Stop) {
    if STOP.get().is_none() {
        STOP.set(Some(why));
    }
}

/// About where the stack has grown to: the address of something that is on it.
#[inline(never)]
fn stack_pointer() -> usize {
    let here = 0u8;
    std::ptr::from_ref(&here).addr()
}
