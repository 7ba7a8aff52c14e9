use std::any::Any;
use std::cmp::Ordering;

use cel::ExecutionError;
use cel::common::traits::{Adder, Comparer, Subtractor};
use cel::common::types::{DURATION_TYPE, Type};
use cel::common::value::{CowVal, StaticVal, Val};
use time::Duration;

use super::{Instant, no_overload};

static TYPE: Type = DURATION_TYPE;

/// The range of durations in the protobuf format: 10,000 years either way.
const LIMIT_SECONDS: u64 = 315_576_000_000;

/// A `duration`.
#[derive(Debug, Clone, Copy)]
pub(in crate::expression) struct Span(Duration);

impl Span {
    pub fn new(duration: Option<Duration>) -> Result<Self, ExecutionError> {
        let duration = duration.filter(|duration| duration.whole_seconds().unsigned_abs() <= LIMIT_SECONDS);
        duration.map(Self).ok_or_else(|| ExecutionError::function_error("duration", "out of range"))
    }

    pub fn duration(self) -> Duration {
        self.0
    }
}

/// Seconds, with as many digits as it needs: `1.5s`.
impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0.is_negative() { "-" } else { "" };
        let fraction = fraction(self.0.subsec_nanoseconds().unsigned_abs());
        write!(f, "{sign}{}{fraction}s", self.0.whole_seconds().unsigned_abs())
    }
}

/// The digits after the second, with their point, or nothing.
pub(super) fn fraction(nanoseconds: u32) -> String {
    if nanoseconds == 0 {
        return String::new();
    }
    let digits = format!(".{nanoseconds:09}");
    digits.trim_end_matches('0').to_owned()
}

impl Val for Span {
    fn get_type(&self) -> &Type {
        &TYPE
    }

    fn cel_type() -> &'static Type {
        &TYPE
    }

    fn as_adder<'b, 'v>(&'b self) -> Option<&'b (dyn Adder + 'v)> {
        Some(self)
    }

    fn as_subtractor<'b, 'v>(&'b self) -> Option<&'b (dyn Subtractor + 'v)> {
        Some(self)
    }

    fn as_comparer(&self) -> Option<&dyn Comparer> {
        Some(self)
    }

    fn equals(&self, other: &dyn Val) -> bool {
        other.downcast_ref::<Self>().is_some_and(|other| other.0 == self.0)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(*self)
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Span {}

impl Adder for Span {
    fn add<'b, 'v>(&'b self, other: &(dyn Val + 'v)) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        if let Some(instant) = other.downcast_ref::<Instant>() {
            return Instant::new(instant.utc().checked_add(self.0)).map(CowVal::owned);
        }
        let other = other.downcast_ref::<Self>().ok_or_else(|| no_overload("_+_", [self as &dyn Val, other]))?;
        Self::new(self.0.checked_add(other.0)).map(CowVal::owned)
    }
}

impl Subtractor for Span {
    fn sub<'b, 'v>(&'b self, other: &(dyn Val + 'v)) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let other = other.downcast_ref::<Self>().ok_or_else(|| no_overload("_-_", [self as &dyn Val, other]))?;
        Self::new(self.0.checked_sub(other.0)).map(CowVal::owned)
    }
}

impl Comparer for Span {
    fn compare(&self, other: &dyn Val) -> Result<Ordering, ExecutionError> {
        let other = other.downcast_ref::<Self>().ok_or_else(|| no_overload("_<_", [self as &dyn Val, other]))?;
        Ok(self.0.cmp(&other.0))
    }
}
