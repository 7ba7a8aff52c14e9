use std::collections::{BTreeMap, BTreeSet};

use regorus::Value;
use regorus::value::Object;

use super::{Function, Outcome, Refusal, arguments, array, elements, not};
use crate::rego::meter::spend;
use crate::rego::value::{length, weight};

pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "object.filter", arity: 2, run: |values| select(values, true) },
    Function { name: "object.get", arity: 3, run: get },
    Function { name: "object.keys", arity: 1, run: keys },
    Function { name: "object.remove", arity: 2, run: |values| select(values, false) },
    Function { name: "object.subset", arity: 2, run: subset },
    Function { name: "object.union", arity: 2, run: union },
    Function { name: "object.union_n", arity: 1, run: union_all },
];

fn object(value: &Value) -> Result<&Object, Refusal> {
    match value {
        Value::Object(members) => Ok(members),
        other => Err(not("an object", other)),
    }
}

/// At a key, or at a path that is a list of keys.
fn get(values: &[Value]) -> Outcome {
    let [of, key, default] = arguments(values)?;
    object(of)?;
    let found = match key {
        Value::Array(path) => path.iter().try_fold(of, member),
        key => member(of, key),
    };
    Ok(found.unwrap_or(default).clone())
}

fn member<'v>(of: &'v Value, key: &Value) -> Option<&'v Value> {
    match of {
        Value::Object(members) => members.get(key),
        Value::Array(items) => items.get(usize::try_from(key.as_u64().ok()?).ok()?),
        Value::Set(items) => items.get(key),
        _ => None,
    }
}

fn keys(values: &[Value]) -> Outcome {
    let [of] = arguments(values)?;
    spend(length(of))?;
    Ok(Value::from(object(of)?.keys().cloned().collect::<BTreeSet<_>>()))
}

/// The members whose keys are in a list, a set or an object, or the others.
fn select(values: &[Value], those: bool) -> Outcome {
    let [of, keys] = arguments(values)?;
    spend(weight(keys).saturating_add(length(of)).saturating_add(length(keys)))?;
    let keys: BTreeSet<&Value> = match keys {
        Value::Object(members) => members.keys().collect(),
        other => elements(other)?.into_iter().collect(),
    };
    let selected = object(of)?.iter_sorted().filter(|(key, _)| keys.contains(key) == those);
    Ok(Value::from(selected.map(|(key, value)| (key.clone(), value.clone())).collect::<BTreeMap<_, _>>()))
}

/// Whether all of the second is in the first: members at any depth, elements of a set, a row of elements of a list.
fn subset(values: &[Value]) -> Outcome {
    let [whole, part] = arguments(values)?;
    spend(weight(whole).saturating_add(weight(part)))?;
    match (whole, part) {
        (Value::Object(_), Value::Object(_)) | (Value::Set(_), Value::Set(_)) | (Value::Array(_), Value::Array(_) | Value::Set(_)) => {
            Ok(Value::Bool(holds(whole, part)?))
        }
        _ => Err("two objects, two sets, two arrays, or an array and a set are needed".into()),
    }
}

fn holds(whole: &Value, part: &Value) -> Result<bool, Refusal> {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            for (key, value) in part.iter_sorted() {
                let Some(found) = whole.get(key) else { return Ok(false) };
                if !holds(found, value)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Set(whole), Value::Set(part)) => Ok(part.is_subset(whole)),
        (Value::Array(_), Value::Array(_)) => {
            let (whole, part) = (array(whole)?, array(part)?);
            spend(whole.len().saturating_mul(part.len()) / 8)?;
            Ok(part.is_empty() || whole.windows(part.len()).any(|row| row == part))
        }
        (Value::Array(whole), Value::Set(part)) => {
            spend(whole.len().saturating_mul(part.len()) / 8)?;
            Ok(part.iter().all(|item| whole.contains(item)))
        }
        (whole, part) => Ok(whole == part),
    }
}

/// Members of both, at any depth; where both have something else than an object, the second one's.
fn union(values: &[Value]) -> Outcome {
    let [first, second] = arguments(values)?;
    object(first)?;
    object(second)?;
    merge(first, second)
}

fn union_all(values: &[Value]) -> Outcome {
    let [of] = arguments(values)?;
    let mut result = Value::new_object();
    for item in array(of)? {
        object(item)?;
        result = merge(&result, item)?;
    }
    Ok(result)
}

fn merge(first: &Value, second: &Value) -> Outcome {
    let (Value::Object(a), Value::Object(b)) = (first, second) else { return Ok(second.clone()) };
    spend(1 + a.len() + b.len())?;
    let mut merged: BTreeMap<Value, Value> = a.iter_sorted().map(|(key, value)| (key.clone(), value.clone())).collect();
    for (key, value) in b.iter_sorted() {
        let value = match merged.get(key) {
            Some(existing) => merge(existing, value)?,
            None => value.clone(),
        };
        merged.insert(key.clone(), value);
    }
    Ok(Value::from(merged))
}
