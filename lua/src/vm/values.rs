//! Operations on values that are not in the fast path of the loop.

use super::machine::Machine;
use crate::compile::operator::Arithmetic;
use crate::heap::meter::Meter;
use crate::number;
use crate::op::{Operand, Register};
use crate::value::TableKind;
use crate::{Raise, Value};

impl Machine {
    /// Arithmetic on anything but two plain numbers.
    #[cold]
    pub(crate) fn arithmetic(
        &mut self,
        operator: Arithmetic,
        (left, a): (Operand, Value),
        (right, b): (Operand, Value),
    ) -> Result<Value, Raise> {
        let x = self.to_number(a)?;
        let y = self.to_number(b)?;
        match (x, y) {
            (Some(x), Some(y)) => Ok(Value::Number(operator.apply(x, y))),
            (None, _) => Err(self.operand_error("perform arithmetic on", left, a)),
            (_, None) => Err(self.operand_error("perform arithmetic on", right, b)),
        }
    }

    #[cold]
    pub(crate) fn negate(&mut self, register: Register, value: Value) -> Result<Value, Raise> {
        match self.to_number(value)? {
            Some(number) => Ok(Value::Number(-number)),
            None => Err(self.operand_error("perform arithmetic on", Operand::register(register), value)),
        }
    }

    /// The number that arithmetic takes a value for. Long strings cost what it takes to read them.
    pub(crate) fn to_number(&self, value: Value) -> Result<Option<f64>, Raise> {
        if let Some(bytes) = self.heap.bytes(value) {
            self.heap.meter.charge_bytes(bytes.len())?;
        }
        Ok(self.heap.coerce_number(value))
    }

    pub(crate) fn length(&self, register: Register, value: Value) -> Result<Value, Raise> {
        #[expect(clippy::cast_precision_loss, reason = "lengths are below 2^53")]
        match value {
            Value::String(id) => Ok(Value::Number(self.heap.string_bytes(id).len() as f64)),
            _ => Err(self.operand_error("get length of", Operand::register(register), value)),
        }
    }

    /// `<`, or `<=`.
    #[cold]
    pub(crate) fn less(&self, a: Value, b: Value, or_equal: bool) -> Result<bool, Raise> {
        if let (Some(x), Some(y)) = (self.heap.number(a), self.heap.number(b)) {
            return Ok(if or_equal { x <= y } else { x < y });
        }
        if let (Some(x), Some(y)) = (self.heap.bytes(a), self.heap.bytes(b)) {
            self.heap.meter.charge_bytes(x.len().min(y.len()))?;
            return Ok(if or_equal { x <= y } else { x < y });
        }
        let (a, b) = (a.type_name(), b.type_name());
        Err(Raise::Message(if a == b { format!("attempt to compare two {a} values") } else { format!("attempt to compare {a} with {b}") }))
    }

    /// `table[key]`, except for constant keys of tables.
    pub(crate) fn index(&mut self, register: Register, object: Value, key: Value) -> Result<Value, Raise> {
        match object {
            Value::Table(table) => {
                let key = self.shifted(object, key);
                self.heap.get(table, key)
            }
            Value::Object(_) => Ok(self.object_method(object, key)),
            _ => Err(self.operand_error("index", Operand::register(register), object)),
        }
    }

    pub(crate) fn set_index(&mut self, register: Register, object: Value, key: Value, value: Value) -> Result<(), Raise> {
        let Value::Table(table) = object else { return Err(self.operand_error("index", Operand::register(register), object)) };
        let key = self.shifted(object, key);
        self.heap.set(table, key, value)
    }

    /// Joins the values of a row of registers.
    pub(crate) fn concatenate(&mut self, base: usize, first: Register, last: Register) -> Result<Value, Raise> {
        let range = base + usize::from(first)..=base + usize::from(last);
        let values = self.stack.get(range).unwrap_or_default();
        let mut length = 0_usize;
        for (at, value) in values.iter().enumerate().rev() {
            length = length.saturating_add(match value {
                Value::String(id) => self.heap.string_bytes(*id).len(),
                Value::Number(_) | Value::Exact(_) => number::to_text(self.heap.number(*value).unwrap_or_default()).as_bytes().len(),
                _ => return Err(self.concatenation_error(values, at, first)),
            });
        }
        charge_string(&self.heap.meter, length)?;
        let mut bytes = Vec::with_capacity(length);
        for value in values {
            match value {
                Value::String(id) => bytes.extend_from_slice(self.heap.string_bytes(*id)),
                _ => bytes.extend_from_slice(number::to_text(self.heap.number(*value).unwrap_or_default()).as_bytes()),
            }
        }
        self.heap.string_charged(bytes)
    }

    /// Lua joins from the right, two at a time, and blames the left one unless that is fine.
    fn concatenation_error(&self, values: &[Value], wrong: usize, first: Register) -> Raise {
        let joins = |value: &Value| matches!(value, Value::String(_) | Value::Number(_) | Value::Exact(_));
        let left = wrong.checked_sub(1).filter(|_| wrong + 1 == values.len());
        let blamed = left.filter(|left| values.get(*left).is_some_and(|value| !joins(value))).unwrap_or(wrong);
        let register = first.saturating_add(Register::try_from(blamed).unwrap_or_default());
        self.operand_error("concatenate", Operand::register(register), values.get(blamed).copied().unwrap_or_default())
    }

    /// In a script that counts from 0, the key of an element of a decoded array becomes what Lua calls it.
    fn shifted(&self, object: Value, key: Value) -> Value {
        match object {
            Value::Table(table) if self.zero_based && self.heap.table_kind(table) == TableKind::Array => {
                self.heap.number(key).map_or(key, |number| Value::Number(number + 1.0))
            }
            _ => key,
        }
    }
}

/// Charges for a string of so many bytes, and for the work of filling it.
pub(crate) fn charge_string(meter: &Meter, length: usize) -> Result<(), Raise> {
    meter.allocate(length.saturating_add(16))?;
    meter.charge_bytes(length)
}
