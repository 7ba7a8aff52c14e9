use std::any::Any;
use std::cmp::Ordering;

use cel::ExecutionError;
use cel::common::traits::{Adder, Comparer, Subtractor};
use cel::common::types::{TIMESTAMP_TYPE, Type};
use cel::common::value::{CowVal, StaticVal, Val};
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

use super::span::fraction;
use super::{Span, no_overload};

static TYPE: Type = TIMESTAMP_TYPE;

/// A `timestamp`, in UTC, of the years 1 to 9999.
#[derive(Debug, Clone, Copy)]
pub(in crate::expression) struct Instant(OffsetDateTime);

impl Instant {
    pub fn new(time: Option<OffsetDateTime>) -> Result<Self, ExecutionError> {
        let utc = time.and_then(|time| time.checked_to_offset(UtcOffset::UTC)).filter(|time| (1..=9999).contains(&time.year()));
        utc.map(Self).ok_or_else(|| ExecutionError::function_error("timestamp", "out of range"))
    }

    /// Reads RFC 3339.
    pub fn parse(text: &str) -> Result<Self, ExecutionError> {
        let time = OffsetDateTime::parse(text, &Rfc3339);
        Self::new(Some(time.map_err(|_| ExecutionError::function_error("timestamp", "the text is no RFC 3339 timestamp"))?))
    }

    pub fn utc(self) -> OffsetDateTime {
        self.0
    }
}

/// RFC 3339 in UTC, with as many digits of the second as it needs.
impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (hour, minute, second) = self.0.to_hms();
        let fraction = fraction(self.0.nanosecond());
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), u8::from(self.0.month()), self.0.day())?;
        write!(f, "T{hour:02}:{minute:02}:{second:02}{fraction}Z")
    }
}

impl Val for Instant {
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

impl StaticVal for Instant {}

impl Adder for Instant {
    fn add<'b, 'v>(&'b self, other: &(dyn Val + 'v)) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let span = other.downcast_ref::<Span>().ok_or_else(|| no_overload("_+_", [self as &dyn Val, other]))?;
        Self::new(self.0.checked_add(span.duration())).map(CowVal::owned)
    }
}

impl Subtractor for Instant {
    fn sub<'b, 'v>(&'b self, other: &(dyn Val + 'v)) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        if let Some(earlier) = other.downcast_ref::<Self>() {
            return Span::new(Some(self.0 - earlier.0)).map(CowVal::owned);
        }
        let span = other.downcast_ref::<Span>().ok_or_else(|| no_overload("_-_", [self as &dyn Val, other]))?;
        Self::new(self.0.checked_sub(span.duration())).map(CowVal::owned)
    }
}

impl Comparer for Instant {
    fn compare(&self, other: &dyn Val) -> Result<Ordering, ExecutionError> {
        let other = other.downcast_ref::<Self>().ok_or_else(|| no_overload("_<_", [self as &dyn Val, other]))?;
        Ok(self.0.cmp(&other.0))
    }
}
