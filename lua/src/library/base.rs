use super::Builtin;
use super::arguments::Arguments;
use crate::number;
use crate::value::{Callable, Function, TableKind};
use crate::vm::machine::Machine;
use crate::vm::values::charge_string;
use crate::{Raise, Value};

impl Machine {
    pub(super) fn assert(&mut self, at: usize, arguments: Arguments) -> Result<usize, Raise> {
        if self.any(arguments, 1)?.is_truthy() {
            self.heap.meter.charge(arguments.count / 4)?;
            self.move_values(arguments.first, arguments.count, at);
            return Ok(arguments.count);
        }
        match self.given(arguments, 2) {
            None | Some(Value::Nil) => Err(Raise::message("assertion failed!")),
            Some(message) => match self.heap.text(message) {
                Some(_) => Err(self.error_at_level(message, 1)),
                None => Err(self.argument_error(2, &format!("string expected, got {}", message.type_name()))),
            },
        }
    }

    pub(super) fn error(&mut self, arguments: Arguments) -> Raise {
        let value = self.given(arguments, 1).unwrap_or_default();
        let level = match self.given(arguments, 2) {
            None | Some(Value::Nil) => 1,
            Some(_) => match self.integer_argument(arguments, 2) {
                Ok(level) => level,
                Err(raise) => return raise,
            },
        };
        self.error_at_level(value, u64::try_from(level).unwrap_or_default())
    }

    /// An error; a text gets the position of the caller at this level in front.
    fn error_at_level(&mut self, value: Value, level: u64) -> Raise {
        let line = if level > 0 { self.line_at_level(level) } else { None };
        let (Some(line), Some(text)) = (line, self.heap.text(value)) else { return Raise::Value(value) };
        let mut message = format!("script:{line}: ").into_bytes();
        if let Err(raise) = charge_string(&self.heap.meter, message.len() + text.len()) {
            return raise;
        }
        message.extend_from_slice(&text);
        match self.heap.string_charged(message) {
            Ok(value) => Raise::Value(value),
            Err(raise) => raise,
        }
    }

    /// `pairs` and `ipairs`: the function to go on with, the table, and where it starts.
    pub(super) fn iterate(&mut self, at: usize, arguments: Arguments, with: Builtin, from: Value) -> Result<usize, Raise> {
        let table = self.table_argument(arguments, 1)?;
        self.put_results(at, &[Value::Function(Function(Callable::Builtin(with))), Value::Table(table), from])
    }

    pub(super) fn next(&mut self, at: usize, arguments: Arguments) -> Result<usize, Raise> {
        let table = self.table_argument(arguments, 1)?;
        let key = self.given(arguments, 2).unwrap_or_default();
        match self.heap.next(table, key)? {
            Some((key, value)) => self.put_results(at, &[key, value]),
            None => self.put_results(at, &[Value::Nil]),
        }
    }

    /// One step of `ipairs`: up to the first nil, or, in an array that was decoded, up to its end with nulls in between.
    pub(super) fn next_element(&mut self, at: usize, arguments: Arguments) -> Result<usize, Raise> {
        let table = self.table_argument(arguments, 1)?;
        let index = self.number_argument(arguments, 2)? + 1.0;
        let value = self.heap.get_number(table, index);
        let goes_on = match value {
            #[expect(clippy::cast_precision_loss, reason = "an array has less than 2^53 elements")]
            Value::Nil => self.heap.table_kind(table) == TableKind::Array && index <= self.heap.length(table) as f64,
            _ => true,
        };
        if goes_on { self.put_results(at, &[Value::Number(index), value]) } else { self.put_results(at, &[]) }
    }

    pub(super) fn select(&mut self, at: usize, arguments: Arguments) -> Result<usize, Raise> {
        let behind = arguments.count.saturating_sub(1);
        if let Some(first) = self.given(arguments, 1)
            && self.heap.bytes(first).is_some_and(|bytes| bytes.first() == Some(&b'#'))
        {
            #[expect(clippy::cast_precision_loss, reason = "a call has less than 2^53 arguments")]
            return self.put_results(at, &[Value::Number(behind as f64)]);
        }
        let number = self.integer_argument(arguments, 1)?;
        let magnitude = usize::try_from(number.unsigned_abs()).unwrap_or(usize::MAX);
        let skipped = match number {
            0 => None,
            1.. => Some(magnitude.saturating_sub(1).min(behind)),
            _ => behind.checked_sub(magnitude),
        };
        let Some(skipped) = skipped else { return Err(self.argument_error(1, "index out of range")) };
        let count = behind - skipped;
        self.heap.meter.charge(count / 4)?;
        self.move_values(arguments.first + 1 + skipped, count, at);
        Ok(count)
    }

    pub(super) fn tonumber(&mut self, arguments: Arguments) -> Result<Value, Raise> {
        let value = self.any(arguments, 1)?;
        let base = match self.given(arguments, 2) {
            None | Some(Value::Nil) => 10,
            Some(_) => self.integer_argument(arguments, 2)?,
        };
        if base == 10 {
            // A number stays what it is, with its text.
            if let Value::Exact(_) = value {
                return Ok(value);
            }
            return Ok(self.to_number(value)?.map_or(Value::Nil, Value::Number));
        }
        let Some(text) = self.heap.text(value) else {
            return Err(self.argument_error(1, &format!("string expected, got {}", value.type_name())));
        };
        let Some(radix) = u32::try_from(base).ok().filter(|radix| (2..=36).contains(radix)) else {
            return Err(self.argument_error(2, "base out of range"));
        };
        self.heap.meter.charge(text.len())?;
        let text = std::str::from_utf8(&text).unwrap_or_default().trim_matches(number::is_space);
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let digits = if radix == 16 { digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")).unwrap_or(digits) } else { digits };
        let parsed = number::parse_radix(digits, radix);
        Ok(parsed.map_or(Value::Nil, |number| Value::Number(if negative { -number } else { number })))
    }

    pub(super) fn tostring(&mut self, arguments: Arguments) -> Result<Value, Raise> {
        let value = self.any(arguments, 1)?;
        if let Value::String(_) = value {
            return Ok(value);
        }
        self.heap.string(self.shown(value))
    }

    pub(super) fn type_of(&mut self, arguments: Arguments) -> Result<Value, Raise> {
        let name = self.any(arguments, 1)?.type_name();
        if let Some((_, value)) = self.type_names.iter().find(|(known, _)| *known == name) {
            return Ok(*value);
        }
        let value = self.heap.string(name)?;
        self.type_names.push((name, value));
        Ok(value)
    }

    /// The line that `print` gives to the embedder.
    pub(crate) fn print_line(&mut self, first: usize, count: usize) -> Result<Vec<u8>, Raise> {
        let mut line = Vec::new();
        for at in first..first + count {
            if at > first {
                line.push(b'\t');
            }
            let value = self.at(at);
            let length = self.heap.bytes(value).map_or(32, <[u8]>::len);
            charge_string(&self.heap.meter, length)?;
            match self.heap.bytes(value) {
                Some(bytes) => line.extend_from_slice(bytes),
                None => line.extend_from_slice(&self.shown(value)),
            }
        }
        Ok(line)
    }

    /// The text of anything but a string.
    fn shown(&self, value: Value) -> Vec<u8> {
        match value {
            Value::Nil | Value::Null => b"nil".to_vec(),
            Value::Boolean(value) => value.to_string().into_bytes(),
            Value::Table(id) => address("table", id.0),
            Value::Object(id) => address("userdata", id.0),
            Value::Function(Function(Callable::Closure(id))) => address("function", id),
            Value::Function(Function(Callable::Builtin(builtin))) => address("function", u32::MAX - builtin.number()),
            Value::Function(Function(Callable::Native(id))) => address("function", (u32::MAX - 1024).saturating_sub(id)),
            Value::Number(_) | Value::Exact(_) | Value::String(_) => self.heap.text(value).unwrap_or_default().into_owned(),
        }
    }
}

/// What stands for an address: the same in every run.
fn address(name: &str, id: u32) -> Vec<u8> {
    format!("{name}: 0x{id:08x}").into_bytes()
}
