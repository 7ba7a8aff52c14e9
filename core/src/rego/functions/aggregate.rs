use regorus::Value;
use regorus::unstable::ArithOp;

use super::operator::arithmetic;
use super::{Function, Outcome, arguments, elements, list, not, text};
use crate::rego::meter::spend;
use crate::rego::value::{length, weight};

pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "count", arity: 1, run: count },
    Function { name: "max", arity: 1, run: |values| extreme(values, |items| items.into_iter().max()) },
    Function { name: "min", arity: 1, run: |values| extreme(values, |items| items.into_iter().min()) },
    Function { name: "product", arity: 1, run: |values| fold(values, 1, || ArithOp::Mul) },
    Function { name: "sort", arity: 1, run: sort },
    Function { name: "sum", arity: 1, run: |values| fold(values, 0, || ArithOp::Add) },
];

/// Elements, or characters of a text.
fn count(values: &[Value]) -> Outcome {
    let [value] = arguments(values)?;
    Ok(Value::from(match value {
        Value::Array(_) | Value::Set(_) | Value::Object(_) => length(value),
        Value::String(_) => {
            let text = text(value)?;
            spend(text.len() / 64)?;
            text.chars().count()
        }
        other => return Err(not("a collection or a string", other)),
    }))
}

/// Undefined for an empty list.
fn extreme(values: &[Value], choose: fn(Vec<&Value>) -> Option<&Value>) -> Outcome {
    let [value] = arguments(values)?;
    spend(weight(value))?;
    Ok(choose(elements(value)?).cloned().unwrap_or(Value::Undefined))
}

fn fold(values: &[Value], start: u64, operator: fn() -> ArithOp) -> Outcome {
    let [value] = arguments(values)?;
    let mut result = Value::from(start);
    for item in elements(value)? {
        spend(1)?;
        result = arithmetic(&[result, item.clone()], operator())?;
    }
    Ok(result)
}

fn sort(values: &[Value]) -> Outcome {
    let [value] = arguments(values)?;
    // Each element is compared with about as many others as the length has bits.
    spend(weight(value).saturating_mul(1 + usize::BITS as usize - length(value).leading_zeros() as usize) / 2)?;
    let mut items: Vec<Value> = elements(value)?.into_iter().cloned().collect();
    items.sort();
    list(items)
}
