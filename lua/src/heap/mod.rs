//! What a run holds: strings, tables, numbers with text, objects. Everything is allocated from here, charged before it is there, and
//! dropped with the run.

mod map;
pub(crate) mod meter;
mod strings;
pub(crate) mod table;
mod tree;
mod walk;

use std::borrow::Cow;
use std::sync::Arc;

pub use tree::TreeBuilder;
pub use walk::{Event, Walk, WalkError};

use map::Mixer;
use meter::Meter;
use strings::Strings;
use table::Table;

use crate::host::ClassId;
use crate::value::{ExactId, ObjectId, StringId, TableId, TableKind};
use crate::{Limits, Raise, Value, number};

/// The memory of one run. It only grows, up to `Limits::memory`, and is dropped as a whole.
///
/// Methods that allocate fail with [`Raise::Exhausted`] when the limit is reached; host functions pass that on with `?`.
pub struct Heap {
    pub(crate) meter: Meter,
    strings: Strings,
    tables: Vec<Table>,
    exact: Vec<(f64, StringId)>,
    objects: Vec<(ClassId, u32)>,
    mixer: Mixer,
}

impl Heap {
    pub(crate) fn new(constants: Arc<[Box<[u8]>]>, limits: &Limits, seed: (u64, u64)) -> Self {
        Self {
            meter: Meter::new(limits),
            strings: Strings::new(constants, seed),
            tables: Vec::new(),
            exact: Vec::new(),
            objects: Vec::new(),
            mixer: Mixer(seed.0.rotate_left(32), seed.1.rotate_left(17)),
        }
    }

    pub(crate) fn intern_constants(&mut self) -> Result<(), Raise> {
        self.strings.intern_constants(&self.meter)
    }

    /// Charges work of the embedder's own, in instructions of the machine (some nanoseconds each).
    pub fn charge_work(&self, instructions: usize) -> Result<(), Raise> {
        self.meter.charge(instructions)
    }

    /// Charges memory that the embedder holds for the script, in bytes.
    pub fn charge_memory(&self, bytes: usize) -> Result<(), Raise> {
        self.meter.allocate(bytes)
    }

    /// Bytes charged so far.
    pub fn memory_used(&self) -> usize {
        self.meter.memory_used()
    }

    /// Instructions that are left.
    pub fn instructions_left(&self) -> u64 {
        self.meter.instructions()
    }
}

/// Strings.
impl Heap {
    /// A string with a copy of these bytes.
    pub fn string(&mut self, bytes: impl AsRef<[u8]>) -> Result<Value, Raise> {
        Ok(Value::String(self.strings.copy(bytes.as_ref(), &self.meter)?))
    }

    /// A string of bytes that exist already, without a copy of them.
    pub fn string_from(&mut self, bytes: Vec<u8>) -> Result<Value, Raise> {
        Ok(Value::String(self.strings.take(bytes, &self.meter)?))
    }

    /// The bytes of a string; `None` if the value is none. Lua's strings need not be UTF-8.
    pub fn bytes(&self, value: Value) -> Option<&[u8]> {
        if let Value::String(id) = value { Some(self.strings.bytes(id)) } else { None }
    }

    /// The bytes of a string, or the text of a number as Lua converts it; `None` for other values.
    pub fn text(&self, value: Value) -> Option<Cow<'_, [u8]>> {
        match value {
            Value::String(id) => Some(Cow::Borrowed(self.strings.bytes(id))),
            _ => self.number(value).map(|n| Cow::Owned(number::to_text(n).as_bytes().to_vec())),
        }
    }

    pub(crate) fn string_bytes(&self, id: StringId) -> &[u8] {
        self.strings.bytes(id)
    }

    /// A string whose bytes the caller has charged for.
    pub(crate) fn string_charged(&mut self, bytes: Vec<u8>) -> Result<Value, Raise> {
        Ok(Value::String(self.strings.store(bytes.into_boxed_slice(), &self.meter)?))
    }
}

/// Numbers.
impl Heap {
    /// The number that a value is; `None` for other values, also for strings.
    pub fn number(&self, value: Value) -> Option<f64> {
        match value {
            Value::Number(number) => Some(number),
            Value::Exact(ExactId(at)) => self.exact.get(at as usize).map(|(number, _)| *number),
            _ => None,
        }
    }

    /// As [`number`](Self::number), and strings that spell a number, as arithmetic takes them.
    pub fn coerce_number(&self, value: Value) -> Option<f64> {
        match value {
            Value::String(id) => number::parse(self.strings.bytes(id)),
            _ => self.number(value),
        }
    }

    /// The number with this text, which must be JSON's. Where [`to_json`](crate::to_json) would not give the same text again, the
    /// value remembers it, for [`number_text`](Self::number_text) and [`walk`](Self::walk) to give back.
    pub fn number_from_text(&mut self, text: &str) -> Result<Value, Raise> {
        let number = text.parse().unwrap_or(f64::NAN);
        if number::to_json(number).as_deref() == Some(text) {
            return Ok(Value::Number(number));
        }
        let Value::String(text) = self.string(text)? else { return Ok(Value::Number(number)) };
        let at = self.meter.store(&mut self.exact, (number, text))?;
        Ok(Value::Exact(ExactId(at)))
    }

    /// The text that a number remembers; `None` if it is a plain number or none at all.
    pub fn number_text(&self, value: Value) -> Option<&str> {
        let Value::Exact(ExactId(at)) = value else { return None };
        let (_, text) = self.exact.get(at as usize)?;
        std::str::from_utf8(self.strings.bytes(*text)).ok()
    }
}

/// Objects of the embedder.
impl Heap {
    /// An object with the methods of a class. The handle is the embedder's own, such as an index into what its host holds.
    pub fn object(&mut self, class: ClassId, handle: u32) -> Result<Value, Raise> {
        Ok(Value::Object(ObjectId(self.meter.store(&mut self.objects, (class, handle))?)))
    }

    /// Class and handle of an object; `None` for other values.
    pub fn object_handle(&self, value: Value) -> Option<(ClassId, u32)> {
        let Value::Object(ObjectId(at)) = value else { return None };
        self.objects.get(at as usize).copied()
    }
}

/// Tables.
impl Heap {
    /// An empty table with room for so many elements and other members.
    pub fn table(&mut self, kind: TableKind, elements: usize, members: usize) -> Result<Value, Raise> {
        let table = Table::new(kind, elements, members, &self.meter)?;
        Ok(Value::Table(TableId(self.meter.store(&mut self.tables, table)?)))
    }

    pub fn table_kind(&self, table: TableId) -> TableKind {
        self.table_at(table).map(|t| t.kind).unwrap_or_default()
    }

    /// What `#` gives.
    pub fn length(&self, table: TableId) -> usize {
        self.table_at(table).map_or(0, Table::length)
    }

    /// Reads as a script does, but always one-based: a null is nil.
    pub fn get(&mut self, table: TableId, key: Value) -> Result<Value, Raise> {
        let key = match key {
            Value::String(id) => match self.strings.find_canonical(id, &self.meter)? {
                Some(id) => Value::String(id),
                None => return Ok(Value::Nil),
            },
            Value::Number(_) | Value::Exact(_) => Value::Number(self.number(key).unwrap_or(f64::NAN) + 0.0),
            _ => key,
        };
        Ok(self.table_at(table).map_or(Value::Nil, |t| t.get(key, self.mixer)).read())
    }

    /// The value of a member by its name; nil if it is absent, null, or the value is no table.
    pub fn member(&self, table: Value, name: &str) -> Value {
        let Value::Table(table) = table else { return Value::Nil };
        let Some(key) = self.strings.find(name.as_bytes()) else { return Value::Nil };
        self.table_at(table).map_or(Value::Nil, |t| t.get_member(Value::String(key), self.mixer)).read()
    }

    /// Assigns as a script does, but always one-based; nil removes. Fails with a Lua error if the key is nil or NaN.
    pub fn set(&mut self, table: TableId, key: Value, value: Value) -> Result<(), Raise> {
        let key = match key {
            Value::String(id) => Value::String(self.strings.canonical(id, &self.meter)?),
            Value::Number(_) | Value::Exact(_) => {
                let number = self.number(key).unwrap_or(f64::NAN);
                if number.is_nan() {
                    return Err(Raise::message("table index is NaN"));
                }
                // Makes -0 the 0 that it is equal to.
                Value::Number(number + 0.0)
            }
            Value::Nil | Value::Null => return Err(Raise::message("table index is nil")),
            _ => key,
        };
        let Some(t) = self.tables.get_mut(table.0 as usize) else { return Ok(()) };
        t.set(key, value, self.mixer, &self.meter)
    }

    /// Assigns to a member by its name.
    pub fn set_member(&mut self, table: TableId, name: impl AsRef<[u8]>, value: Value) -> Result<(), Raise> {
        let key = match self.strings.find(name.as_ref()) {
            Some(id) => Value::String(id),
            None => self.string(name)?,
        };
        self.set(table, key, value)
    }

    /// Adds an element behind the last. A nil adds nothing, a [`Value::Null`] does.
    pub fn push(&mut self, table: TableId, value: Value) -> Result<(), Raise> {
        match self.tables.get_mut(table.0 as usize) {
            Some(t) if !matches!(value, Value::Nil) => t.push(value, self.mixer, &self.meter),
            _ => Ok(()),
        }
    }

    /// The elements 1 to `#` of a table; nulls are [`Value::Null`], and what a script removed from the middle is nil.
    pub fn elements(&self, table: TableId) -> &[Value] {
        self.table_at(table).map(Table::elements).unwrap_or_default()
    }

    pub(crate) fn next(&mut self, table: TableId, key: Value) -> Result<Option<(Value, Value)>, Raise> {
        let key = match key {
            Value::String(id) => Value::String(self.strings.canonical(id, &self.meter)?),
            Value::Exact(_) => Value::Number(self.number(key).unwrap_or(f64::NAN)),
            _ => key,
        };
        self.table_at(table).map_or(Ok(None), |t| t.next(key, self.mixer, &self.meter))
    }

    /// The value of a constant string, whose id is canonical by construction.
    #[inline]
    pub(crate) fn get_constant(&self, table: TableId, key: StringId) -> Value {
        self.table_at(table).map_or(Value::Nil, |t| t.get_member(Value::String(key), self.mixer)).read()
    }

    #[inline]
    pub(crate) fn set_constant(&mut self, table: TableId, key: StringId, value: Value) -> Result<(), Raise> {
        let Some(t) = self.tables.get_mut(table.0 as usize) else { return Ok(()) };
        t.set_member(Value::String(key), value, self.mixer, &self.meter)
    }

    /// The value of a number that is not exact.
    #[inline]
    pub(crate) fn get_number(&self, table: TableId, key: f64) -> Value {
        self.table_at(table).map_or(Value::Nil, |t| t.get(Value::Number(key + 0.0), self.mixer)).read()
    }

    #[inline]
    pub(crate) fn table_at(&self, table: TableId) -> Option<&Table> {
        self.tables.get(table.0 as usize)
    }

    pub(crate) fn table_with_meter(&mut self, table: TableId) -> Option<(&mut Table, &Meter)> {
        self.tables.get_mut(table.0 as usize).map(|t| (t, &self.meter))
    }
}

/// Comparison.
impl Heap {
    /// Lua's `==`.
    pub fn equal(&self, a: Value, b: Value) -> Result<bool, Raise> {
        Ok(match (a, b) {
            (Value::Nil | Value::Null, Value::Nil | Value::Null) => true,
            (Value::Boolean(a), Value::Boolean(b)) => a == b,
            (Value::Number(a), Value::Number(b)) => a == b,
            (Value::Number(_) | Value::Exact(_), Value::Number(_) | Value::Exact(_)) => self.number(a) == self.number(b),
            (Value::String(a), Value::String(b)) => {
                if a == b {
                    return Ok(true);
                }
                let (a, b) = (self.strings.bytes(a), self.strings.bytes(b));
                if a.len() != b.len() {
                    return Ok(false);
                }
                self.meter.charge_bytes(a.len())?;
                a == b
            }
            (Value::Table(a), Value::Table(b)) => a == b,
            (Value::Function(a), Value::Function(b)) => a == b,
            (Value::Object(a), Value::Object(b)) => a == b,
            _ => false,
        })
    }
}
