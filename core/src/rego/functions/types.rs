use regorus::Value;

use super::{Function, Outcome, arguments};

pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "is_array", arity: 1, run: |values| is(values, |value| matches!(value, Value::Array(_))) },
    Function { name: "is_boolean", arity: 1, run: |values| is(values, |value| matches!(value, Value::Bool(_))) },
    Function { name: "is_null", arity: 1, run: |values| is(values, |value| matches!(value, Value::Null)) },
    Function { name: "is_number", arity: 1, run: |values| is(values, |value| matches!(value, Value::Number(_))) },
    Function { name: "is_object", arity: 1, run: |values| is(values, |value| matches!(value, Value::Object(_))) },
    Function { name: "is_set", arity: 1, run: |values| is(values, |value| matches!(value, Value::Set(_))) },
    Function { name: "is_string", arity: 1, run: |values| is(values, |value| matches!(value, Value::String(_))) },
    Function { name: "type_name", arity: 1, run: name },
];

fn is(values: &[Value], of_type: fn(&Value) -> bool) -> Outcome {
    let [value] = arguments(values)?;
    Ok(Value::Bool(of_type(value)))
}

fn name(values: &[Value]) -> Outcome {
    let [value] = arguments(values)?;
    Ok(Value::from(match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Set(_) => "set",
        Value::Object(_) => "object",
        Value::Undefined => return Ok(Value::Undefined),
    }))
}
