use regorus::Value;

use super::{Function, Outcome, Refusal, arguments, integer, not};

pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "bits.and", arity: 2, run: |values| binary(values, |a, b| a & b) },
    Function { name: "bits.lsh", arity: 2, run: |values| shift(values, |value, by| value.checked_mul(1i128.checked_shl(by)?)) },
    Function { name: "bits.negate", arity: 1, run: negate },
    Function { name: "bits.or", arity: 2, run: |values| binary(values, |a, b| a | b) },
    Function { name: "bits.rsh", arity: 2, run: |values| shift(values, |value, by| Some(value >> by.min(127))) },
    Function { name: "bits.xor", arity: 2, run: |values| binary(values, |a, b| a ^ b) },
];

fn binary(values: &[Value], operation: fn(i128, i128) -> i128) -> Outcome {
    let [a, b] = arguments(values)?;
    Ok(Value::from(operation(wide(a)?, wide(b)?)))
}

fn negate(values: &[Value]) -> Outcome {
    let [value] = arguments(values)?;
    Ok(Value::from(!wide(value)?))
}

fn shift(values: &[Value], operation: fn(i128, u32) -> Option<i128>) -> Outcome {
    let [value, by] = arguments(values)?;
    let by = u32::try_from(integer(by)?).map_err(|_| "a shift is a number of bits")?;
    operation(wide(value)?, by).map(Value::from).ok_or_else(|| "the result has more than 128 bits".into())
}

fn wide(value: &Value) -> Result<i128, Refusal> {
    match value {
        Value::Number(number) if number.is_integer() => number.as_i128().ok_or_else(|| "the number has more than 128 bits".into()),
        Value::Number(_) => Err("a whole number is needed".into()),
        other => Err(not("a number", other)),
    }
}
