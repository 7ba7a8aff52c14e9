use std::cmp::Ordering;

use super::{List, Map, Value};
use crate::expression::evaluate::{Fault, Run};

/// `a == b`. Values of different types are unequal, numbers aside; NaN equals nothing.
pub(in crate::expression) fn equals(run: &Run<'_>, a: &Value<'_>, b: &Value<'_>) -> Result<bool, Fault> {
    run.spend(1)?;
    Ok(match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Text(a), Value::Text(b)) => a.len() == b.len() && run.spend_bytes(a.len()).map(|()| **a == **b)?,
        (Value::Bytes(a), Value::Bytes(b)) => a.len() == b.len() && run.spend_bytes(a.len()).map(|()| a == b)?,
        (Value::Timestamp(a), Value::Timestamp(b)) => a == b,
        (Value::Duration(a), Value::Duration(b)) => a == b,
        (Value::Type(a), Value::Type(b)) => a == b,
        (Value::List(a), Value::List(b)) => lists_equal(run, a, b)?,
        (Value::Map(a), Value::Map(b)) => maps_equal(run, a, b)?,
        (a, b) => match (a.number(), b.number()) {
            (Some(a), Some(b)) => a.compare(b) == Some(Ordering::Equal),
            _ => false,
        },
    })
}

/// The order of `a` and `b`; `None` for NaN.
///
/// # Errors
/// When values of these types have no order.
pub(in crate::expression) fn compare(run: &Run<'_>, a: &Value<'_>, b: &Value<'_>) -> Result<Option<Ordering>, Fault> {
    Ok(match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => run.spend_bytes(a.len().min(b.len())).map(|()| Some((**a).cmp(&**b)))?,
        (Value::Bytes(a), Value::Bytes(b)) => run.spend_bytes(a.len().min(b.len())).map(|()| Some(a.cmp(b)))?,
        (Value::Timestamp(a), Value::Timestamp(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (a, b) => match (a.number(), b.number()) {
            (Some(a), Some(b)) => a.compare(b),
            _ => return Err(Fault::error(format!("{} and {} have no order", a.type_name(), b.type_name()))),
        },
    })
}

fn lists_equal(run: &Run<'_>, a: &List<'_>, b: &List<'_>) -> Result<bool, Fault> {
    if a.len() != b.len() {
        return Ok(false);
    }
    for (a, b) in a.iter().zip(b.iter()) {
        if !equals(run, &a, &b)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn maps_equal(run: &Run<'_>, a: &Map<'_>, b: &Map<'_>) -> Result<bool, Fault> {
    if a.len() != b.len() {
        return Ok(false);
    }
    run.spend(a.len())?;
    for (key, value) in a.entries() {
        match b.get(&key) {
            Some(other) if equals(run, &value, &other)? => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}
