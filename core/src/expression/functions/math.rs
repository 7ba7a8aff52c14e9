//! The maths extension of CEL.

use std::cmp::Ordering;

use super::{Evaluated, Fault, Function, MANY, Run, Value, no_overload};
use crate::expression::value::{List, compare};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::global("math.greatest", (1, MANY), |run, arguments| extreme(run, "math.greatest", arguments, Ordering::Greater)),
    Function::global("math.least", (1, MANY), |run, arguments| extreme(run, "math.least", arguments, Ordering::Less)),
    Function::global("math.ceil", (1, 1), |_, arguments| double("math.ceil", arguments, f64::ceil)),
    Function::global("math.floor", (1, 1), |_, arguments| double("math.floor", arguments, f64::floor)),
    Function::global("math.round", (1, 1), |_, arguments| double("math.round", arguments, f64::round)),
    Function::global("math.trunc", (1, 1), |_, arguments| double("math.trunc", arguments, f64::trunc)),
    Function::global("math.sqrt", (1, 1), sqrt),
    Function::global("math.abs", (1, 1), abs),
    Function::global("math.sign", (1, 1), sign),
    Function::global("math.isInf", (1, 1), |_, arguments| question("math.isInf", arguments, f64::is_infinite)),
    Function::global("math.isNaN", (1, 1), |_, arguments| question("math.isNaN", arguments, f64::is_nan)),
    Function::global("math.isFinite", (1, 1), |_, arguments| question("math.isFinite", arguments, f64::is_finite)),
    Function::global("math.bitAnd", (2, 2), |_, arguments| bits("math.bitAnd", arguments, |a, b| a & b)),
    Function::global("math.bitOr", (2, 2), |_, arguments| bits("math.bitOr", arguments, |a, b| a | b)),
    Function::global("math.bitXor", (2, 2), |_, arguments| bits("math.bitXor", arguments, |a, b| a ^ b)),
    Function::global("math.bitNot", (1, 1), |_, arguments| match arguments {
        [Value::Int(i)] => Ok(Value::Int(!i)),
        [Value::Uint(u)] => Ok(Value::Uint(!u)),
        _ => Err(no_overload("math.bitNot", arguments)),
    }),
    Function::global("math.bitShiftLeft", (2, 2), |_, arguments| shift("math.bitShiftLeft", arguments, u64::checked_shl)),
    Function::global("math.bitShiftRight", (2, 2), |_, arguments| shift("math.bitShiftRight", arguments, u64::checked_shr)),
];

/// Of several numbers, or of one list of numbers.
fn extreme<'a>(run: &Run<'a>, name: &str, arguments: &[Value<'a>], better: Ordering) -> Evaluated<'a> {
    let numbers = match arguments {
        [Value::List(list)] => list.clone(),
        _ => List::Owned(arguments.into()),
    };
    let mut best: Option<Value<'a>> = None;
    for number in numbers.iter() {
        run.spend(1)?;
        if number.number().is_none() {
            return Err(no_overload(name, arguments));
        }
        let is_better = match &best {
            Some(best) => compare(run, &number, best)? == Some(better),
            None => true,
        };
        if is_better {
            best = Some(number);
        }
    }
    best.ok_or_else(|| Fault::error(format!("`{name}` of an empty list")))
}

fn double<'a>(name: &str, arguments: &[Value<'a>], f: fn(f64) -> f64) -> Evaluated<'a> {
    match arguments {
        [Value::Double(d)] => Ok(Value::Double(f(*d))),
        _ => Err(no_overload(name, arguments)),
    }
}

fn question<'a>(name: &str, arguments: &[Value<'a>], f: fn(f64) -> bool) -> Evaluated<'a> {
    match arguments {
        [Value::Double(d)] => Ok(Value::Bool(f(*d))),
        _ => Err(no_overload(name, arguments)),
    }
}

#[expect(clippy::cast_precision_loss, reason = "the root of the nearest double is what CEL defines")]
fn sqrt<'a>(_: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    match arguments {
        [Value::Double(d)] => Ok(Value::Double(d.sqrt())),
        [Value::Int(i)] => Ok(Value::Double((*i as f64).sqrt())),
        [Value::Uint(u)] => Ok(Value::Double((*u as f64).sqrt())),
        _ => Err(no_overload("math.sqrt", arguments)),
    }
}

fn abs<'a>(_: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    match arguments {
        [Value::Int(i)] => i.checked_abs().map(Value::Int).ok_or_else(|| Fault::error("the result of `math.abs` is out of range")),
        [u @ Value::Uint(_)] => Ok(u.clone()),
        [Value::Double(d)] => Ok(Value::Double(d.abs())),
        _ => Err(no_overload("math.abs", arguments)),
    }
}

fn sign<'a>(_: &Run<'a>, arguments: &[Value<'a>]) -> Evaluated<'a> {
    match arguments {
        [Value::Int(i)] => Ok(Value::Int(i.signum())),
        [Value::Uint(u)] => Ok(Value::Uint((*u).min(1))),
        [Value::Double(d)] if *d == 0.0 || d.is_nan() => Ok(Value::Double(*d)),
        [Value::Double(d)] => Ok(Value::Double(d.signum())),
        _ => Err(no_overload("math.sign", arguments)),
    }
}

fn bits<'a>(name: &str, arguments: &[Value<'a>], f: fn(u64, u64) -> u64) -> Evaluated<'a> {
    match arguments {
        [Value::Int(a), Value::Int(b)] => Ok(Value::Int(f(a.cast_unsigned(), b.cast_unsigned()).cast_signed())),
        [Value::Uint(a), Value::Uint(b)] => Ok(Value::Uint(f(*a, *b))),
        _ => Err(no_overload(name, arguments)),
    }
}

/// Shifts bits out; a shift by 64 or more leaves none. An int is shifted as the bits that it is made of.
fn shift<'a>(name: &str, arguments: &[Value<'a>], f: fn(u64, u32) -> Option<u64>) -> Evaluated<'a> {
    let by = match arguments {
        [_, Value::Int(by)] if *by < 0 => return Err(Fault::error(format!("`{name}` by a negative number"))),
        [_, Value::Int(by)] => u32::try_from(*by).unwrap_or(u32::MAX),
        _ => return Err(no_overload(name, arguments)),
    };
    match arguments.first() {
        Some(Value::Int(i)) => Ok(Value::Int(f(i.cast_unsigned(), by).unwrap_or(0).cast_signed())),
        Some(Value::Uint(u)) => Ok(Value::Uint(f(*u, by).unwrap_or(0))),
        _ => Err(no_overload(name, arguments)),
    }
}
