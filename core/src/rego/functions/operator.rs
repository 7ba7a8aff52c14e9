//! Operators, as functions. A module is rewritten to call these, so that what an operator costs is paid too: the library compares
//! and copies lists of any length in one step.

use regorus::Value;
use regorus::unstable::{ArithOp, BinOp, BoolOp};

use super::{Function, Outcome, Refusal, arguments, not};
use crate::rego::meter::spend;
use crate::rego::value::{length, weight};

/// No module may use names that begin so.
pub(in crate::rego) const PREFIX: &str = "__postern_";

pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "__postern_eq", arity: 2, run: |values| compare(values, |a, b| a == b) },
    Function { name: "__postern_ne", arity: 2, run: |values| compare(values, |a, b| a != b) },
    Function { name: "__postern_lt", arity: 2, run: |values| compare(values, |a, b| a < b) },
    Function { name: "__postern_le", arity: 2, run: |values| compare(values, |a, b| a <= b) },
    Function { name: "__postern_gt", arity: 2, run: |values| compare(values, |a, b| a > b) },
    Function { name: "__postern_ge", arity: 2, run: |values| compare(values, |a, b| a >= b) },
    Function { name: "__postern_add", arity: 2, run: |values| arithmetic(values, ArithOp::Add) },
    Function { name: "__postern_sub", arity: 2, run: subtract },
    Function { name: "__postern_mul", arity: 2, run: |values| arithmetic(values, ArithOp::Mul) },
    Function { name: "__postern_div", arity: 2, run: |values| arithmetic(values, ArithOp::Div) },
    Function { name: "__postern_rem", arity: 2, run: |values| arithmetic(values, ArithOp::Mod) },
    Function { name: "__postern_and", arity: 2, run: |values| sets(values, |a, b| a.intersection(b)) },
    Function { name: "__postern_or", arity: 2, run: |values| sets(values, |a, b| a.union(b)) },
    Function { name: "__postern_in", arity: 2, run: contains },
    Function { name: "__postern_in_key", arity: 3, run: contains_at },
];

pub(in crate::rego) fn of_comparison(operator: &BoolOp) -> (&'static str, &'static str) {
    match operator {
        BoolOp::Eq => ("__postern_eq", "=="),
        BoolOp::Ne => ("__postern_ne", "!="),
        BoolOp::Lt => ("__postern_lt", "<"),
        BoolOp::Le => ("__postern_le", "<="),
        BoolOp::Gt => ("__postern_gt", ">"),
        BoolOp::Ge => ("__postern_ge", ">="),
    }
}

pub(in crate::rego) fn of_arithmetic(operator: &ArithOp) -> (&'static str, &'static str) {
    match operator {
        ArithOp::Add => ("__postern_add", "+"),
        ArithOp::Sub => ("__postern_sub", "-"),
        ArithOp::Mul => ("__postern_mul", "*"),
        ArithOp::Div => ("__postern_div", "/"),
        ArithOp::Mod => ("__postern_rem", "%"),
    }
}

pub(in crate::rego) fn of_sets(operator: &BinOp) -> (&'static str, &'static str) {
    match operator {
        BinOp::Intersection => ("__postern_and", "&"),
        BinOp::Union => ("__postern_or", "|"),
    }
}

pub(in crate::rego) fn of_membership(with_key: bool) -> (&'static str, &'static str) {
    (if with_key { "__postern_in_key" } else { "__postern_in" }, "in")
}

/// How a module writes the operator that became this function.
pub(super) fn symbol(name: &str) -> Option<&'static str> {
    let operators = [
        of_comparison(&BoolOp::Eq),
        of_comparison(&BoolOp::Ne),
        of_comparison(&BoolOp::Lt),
        of_comparison(&BoolOp::Le),
        of_comparison(&BoolOp::Gt),
        of_comparison(&BoolOp::Ge),
        of_arithmetic(&ArithOp::Add),
        of_arithmetic(&ArithOp::Sub),
        of_arithmetic(&ArithOp::Mul),
        of_arithmetic(&ArithOp::Div),
        of_arithmetic(&ArithOp::Mod),
        of_sets(&BinOp::Intersection),
        of_sets(&BinOp::Union),
        of_membership(false),
        of_membership(true),
    ];
    operators.into_iter().find(|(function, _)| *function == name).map(|(_, symbol)| symbol)
}

/// Values of different types have an order too.
fn compare(values: &[Value], holds: fn(&Value, &Value) -> bool) -> Outcome {
    let [a, b] = arguments(values)?;
    // Two values are walked side by side, no further than the smaller one.
    spend(if is_scalar(a) || is_scalar(b) { 0 } else { weight(a).min(weight(b)) })?;
    if let (Value::String(a), Value::String(b)) = (a, b) {
        spend(a.len().min(b.len()) / 64)?;
    }
    Ok(Value::Bool(holds(a, b)))
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Set(_) | Value::Object(_))
}

fn subtract(values: &[Value]) -> Outcome {
    match values {
        [Value::Set(_), Value::Set(_)] => sets(values, |a, b| a.difference(b)),
        _ => arithmetic(values, ArithOp::Sub),
    }
}

pub(super) fn arithmetic(values: &[Value], operator: ArithOp) -> Outcome {
    let [a, b] = arguments(values)?;
    let (Value::Number(a), Value::Number(b)) = (a, b) else {
        return Err(not("a number", if matches!(a, Value::Number(_)) { b } else { a }));
    };
    let is_zero = b.as_i64() == Some(0) || b.as_f64() == Some(0.0);
    let result = match operator {
        ArithOp::Add => a.add(b),
        ArithOp::Sub => a.sub(b),
        // Products of products are as long as all factors together, and take the square of that.
        ArithOp::Mul if a.is_integer() && b.is_integer() && (a.as_i128().is_none() || b.as_i128().is_none()) => {
            return Err("a factor has more than 128 bits".into());
        }
        ArithOp::Mul => a.mul(b),
        ArithOp::Div | ArithOp::Mod if is_zero => return Err("division by zero".into()),
        ArithOp::Div => a.clone().divide(b),
        ArithOp::Mod if !a.is_integer() || !b.is_integer() => return Err("whole numbers are needed".into()),
        ArithOp::Mod => a.clone().modulo(b),
    };
    result.map(Value::Number).map_err(|_| "the result is out of range".into())
}

type SetOperation = fn(&regorus::value::Set, &regorus::value::Set) -> regorus::value::Set;

fn sets(values: &[Value], operation: SetOperation) -> Outcome {
    let [a, b] = arguments(values)?;
    let (Value::Set(first), Value::Set(second)) = (a, b) else {
        return Err(not("a set", if matches!(a, Value::Set(_)) { b } else { a }));
    };
    spend(weight(a).saturating_add(weight(b)))?;
    spend((first.len() + second.len()) / 2)?;
    Ok(operation(first, second).into_value())
}

/// A list or an object is searched for a value, a set for an element. Nothing is in anything else.
fn contains(values: &[Value]) -> Outcome {
    let [value, collection] = arguments(values)?;
    spend(length(collection).saturating_mul(1 + weight(value)) / 8)?;
    Ok(Value::Bool(match collection {
        Value::Array(items) => items.contains(value),
        Value::Set(items) => items.contains(value),
        Value::Object(members) => members.values().any(|member| member == value),
        _ => false,
    }))
}

/// Whether a value stands at a key.
fn contains_at(values: &[Value]) -> Outcome {
    let [key, value, collection] = arguments(values)?;
    spend(weight(key) + weight(value))?;
    let found = match collection {
        Value::Array(items) => key.as_u64().ok().and_then(|index| items.get(usize::try_from(index).ok()?)),
        Value::Object(members) => members.get(key),
        _ => None,
    };
    Ok(Value::Bool(found.is_some_and(|found| found == value)))
}

impl From<anyhow::Error> for Refusal {
    fn from(_: anyhow::Error) -> Self {
        "the arguments do not fit".into()
    }
}
