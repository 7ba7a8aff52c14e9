use std::cmp::Ordering;

use serde_json::Value;

use super::Renderer;
use crate::template::RenderError;
use crate::template::functions::{finite, truncated};
use crate::template::node::Operator;
use crate::template::value::compare;

impl Renderer<'_, '_> {
    pub(super) fn operate(&self, operator: Operator, left: &Value, right: &Value) -> Result<Value, RenderError> {
        let order = || compare(left, right, self.budget);
        Ok(match operator {
            Operator::Equal => Value::Bool(order()? == Ordering::Equal),
            Operator::NotEqual => Value::Bool(order()? != Ordering::Equal),
            Operator::Less => Value::Bool(order()? == Ordering::Less),
            Operator::LessOrEqual => Value::Bool(order()? != Ordering::Greater),
            Operator::Greater => Value::Bool(order()? == Ordering::Greater),
            Operator::GreaterOrEqual => Value::Bool(order()? != Ordering::Less),
            Operator::In => Value::Bool(self.contains(right, left)?),
            Operator::Add => match (left, right) {
                (Value::String(left), Value::String(right)) => {
                    self.budget.pay(left.len().saturating_add(right.len()))?;
                    Value::String(format!("{left}{right}"))
                }
                _ => arithmetic(operator, left, right)?,
            },
            _ => arithmetic(operator, left, right)?,
        })
    }

    /// Whether one of the items, or of the members' values, is the value.
    fn contains(&self, of: &Value, value: &Value) -> Result<bool, RenderError> {
        let items: Vec<&Value> = match of {
            Value::Array(array) => array.iter().collect(),
            Value::Object(object) => object.values().collect(),
            Value::Null => Vec::new(),
            other => vec![other],
        };
        for item in items {
            if compare(item, value, self.budget)?.is_eq() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whole numbers stay whole, but for a division.
fn arithmetic(operator: Operator, left: &Value, right: &Value) -> Result<Value, RenderError> {
    let number = |value: &Value| value.as_f64().ok_or_else(|| RenderError::new(format!("`{}` needs two numbers", operator.as_str())));
    let (a, b) = (number(left)?, number(right)?);
    let whole = left.as_i64().zip(right.as_i64());
    let too_large = || RenderError::new("the number is too large");
    let by_zero = || RenderError::new("division by zero");
    let exact = |result: Option<i64>| result.map(Value::from).ok_or_else(too_large);
    match (operator, whole) {
        (Operator::Add, Some((a, b))) => exact(a.checked_add(b)),
        (Operator::Add, None) => finite(a + b),
        (Operator::Subtract, Some((a, b))) => exact(a.checked_sub(b)),
        (Operator::Subtract, None) => finite(a - b),
        (Operator::Multiply, Some((a, b))) => exact(a.checked_mul(b)),
        (Operator::Multiply, None) => finite(a * b),
        (Operator::Divide, _) if b == 0.0 => Err(by_zero()),
        (Operator::Divide, _) => finite(a / b),
        (Operator::Remainder, _) => {
            let (a, b) = truncated(a).zip(truncated(b)).ok_or_else(too_large)?;
            let (a, b) = whole.unwrap_or((a, b));
            a.checked_rem(b).map(Value::from).ok_or_else(by_zero)
        }
        (Operator::Power, Some((a, b))) if b >= 0 => exact(u32::try_from(b).ok().and_then(|b| a.checked_pow(b))),
        (Operator::Power, _) => {
            let exponent = truncated(b).and_then(|b| i32::try_from(b).ok()).ok_or_else(too_large)?;
            finite(a.powi(exponent))
        }
        _ => Err(RenderError::new(format!("`{}` is no arithmetic", operator.as_str()))),
    }
}
