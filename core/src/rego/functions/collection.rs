use regorus::Value;
use regorus::value::Set;

use super::{Function, Outcome, Refusal, arguments, array, elements, integer, list, not};
use crate::rego::meter::spend;
use crate::rego::value::weight;

pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "array.concat", arity: 2, run: concat },
    Function { name: "array.reverse", arity: 1, run: reverse },
    Function { name: "array.slice", arity: 3, run: slice },
    Function { name: "intersection", arity: 1, run: |values| merged(values, Set::intersection) },
    Function { name: "union", arity: 1, run: |values| merged(values, Set::union) },
];

fn concat(values: &[Value]) -> Outcome {
    let [first, second] = arguments(values)?;
    let (first, second) = (array(first)?, array(second)?);
    spend((first.len() + second.len()) / 2)?;
    Ok(Value::from([first, second].concat()))
}

fn reverse(values: &[Value]) -> Outcome {
    let [items] = arguments(values)?;
    list(array(items)?.iter().rev().cloned().collect())
}

/// From a place up to, and without, another one. Places outside of the list are its ends.
fn slice(values: &[Value]) -> Outcome {
    let [items, from, to] = arguments(values)?;
    let items = array(items)?;
    let place =
        |value: &Value| -> Result<usize, Refusal> { Ok(usize::try_from(integer(value)?.max(0)).unwrap_or(usize::MAX).min(items.len())) };
    let (from, to) = (place(from)?, place(to)?);
    list(items.get(from..to).unwrap_or_default().to_vec())
}

/// Of a set of sets.
fn merged(values: &[Value], merge: fn(&Set, &Set) -> Set) -> Outcome {
    let [value] = arguments(values)?;
    if !matches!(value, Value::Set(_)) {
        return Err(not("a set of sets", value));
    }
    let mut result: Option<Set> = None;
    for item in elements(value)? {
        let Value::Set(set) = item else { return Err(not("a set", item)) };
        spend(weight(item).saturating_add(result.as_ref().map_or(0, Set::len)))?;
        result = Some(match result {
            Some(so_far) => merge(&so_far, set),
            None => (**set).clone(),
        });
    }
    Ok(result.unwrap_or_default().into_value())
}
