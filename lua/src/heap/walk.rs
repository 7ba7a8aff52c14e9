use super::Heap;
use crate::value::{TableId, TableKind};
use crate::{Raise, Value};

/// A part of a tree, as an encoder writes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event<'h> {
    /// Nil at the root, a null, or an element that was removed from the middle of an array.
    Null,
    Boolean(bool),
    /// A number that is finite, with the text that it remembers, if it does.
    Number(f64, Option<&'h str>),
    String(&'h [u8]),
    /// What follows up to the matching `End` are so many elements.
    BeginArray(usize),
    /// What follows up to the matching `End` are keys, each with its value behind it.
    BeginObject,
    Key(&'h [u8]),
    End,
}

/// Why a value has no JSON form, or its walk ended early.
#[derive(Clone, Debug)]
pub enum WalkError {
    /// Deeper than the caller allows; also a table that contains itself.
    TooDeep,
    /// A table with elements and other keys, or with keys that are no strings.
    MixedKeys,
    /// An infinity or NaN.
    NotANumber,
    /// A value that JSON has not: its type's name.
    Unencodable(&'static str),
    /// The walk is charged like work of the script, and it used up the instructions.
    Raise(Raise),
}

/// The parts of a tree, in order. Charged: an instruction for each part, more for long strings, as tables may contain one
/// table many times.
///
/// A table is an array if it was decoded from one, or if the script made it and it has an element 1; else it is an object.
pub struct Walk<'h> {
    heap: &'h Heap,
    open: Vec<Open>,
    max_depth: usize,
    next: Next,
}

enum Next {
    Value(Value),
    Continue,
    Over,
}

struct Open {
    table: TableId,
    array: bool,
    at: usize,
}

impl Heap {
    /// Walks a tree without recursion. More than `max_depth` tables inside each other are an error.
    pub fn walk(&self, value: Value, max_depth: usize) -> Walk<'_> {
        Walk { heap: self, open: Vec::new(), max_depth, next: Next::Value(value) }
    }
}

impl<'h> Iterator for Walk<'h> {
    type Item = Result<Event<'h>, WalkError>;

    fn next(&mut self) -> Option<Self::Item> {
        let event = match std::mem::replace(&mut self.next, Next::Continue) {
            Next::Value(value) => self.value(value),
            Next::Continue => self.proceed()?,
            Next::Over => return None,
        };
        let event = event.and_then(|event| self.charge(event));
        if event.is_err() {
            self.open.clear();
            self.next = Next::Over;
        }
        Some(event)
    }
}

impl<'h> Walk<'h> {
    fn value(&mut self, value: Value) -> Result<Event<'h>, WalkError> {
        Ok(match value {
            Value::Nil | Value::Null => Event::Null,
            Value::Boolean(value) => Event::Boolean(value),
            Value::Number(number) if number.is_finite() => Event::Number(number, None),
            // A number with text may be beyond an f64, and yet be written as it came.
            Value::Exact(_) => Event::Number(self.heap.number(value).unwrap_or_default(), self.heap.number_text(value)),
            Value::Number(_) => return Err(WalkError::NotANumber),
            Value::String(id) => Event::String(self.heap.string_bytes(id)),
            Value::Table(table) => return self.begin(table),
            Value::Function(_) | Value::Object(_) => return Err(WalkError::Unencodable(value.type_name())),
        })
    }

    fn begin(&mut self, id: TableId) -> Result<Event<'h>, WalkError> {
        if self.open.len() >= self.max_depth {
            return Err(WalkError::TooDeep);
        }
        let Some(table) = self.heap.table_at(id) else { return Ok(Event::Null) };
        let elements = table.length();
        let array = match table.kind {
            TableKind::Array => true,
            TableKind::Plain => elements > 0,
            TableKind::Object => false,
        };
        if if array { table.has_members() } else { elements > 0 } {
            return Err(WalkError::MixedKeys);
        }
        self.open.push(Open { table: id, array, at: 0 });
        Ok(if array { Event::BeginArray(elements) } else { Event::BeginObject })
    }

    fn proceed(&mut self) -> Option<Result<Event<'h>, WalkError>> {
        let open = self.open.last_mut()?;
        let table = self.heap.table_at(open.table);
        if open.array {
            if let Some(value) = table.and_then(|t| t.elements().get(open.at)) {
                open.at += 1;
                return Some(self.value(*value));
            }
        } else {
            while let Some((key, value)) = table.and_then(|t| t.member(open.at)) {
                open.at += 1;
                match (key, value) {
                    (_, Value::Nil) => {
                        if let Err(raise) = self.heap.meter.charge(1) {
                            return Some(Err(WalkError::Raise(raise)));
                        }
                    }
                    (Value::String(key), _) => {
                        self.next = Next::Value(value);
                        return Some(Ok(Event::Key(self.heap.string_bytes(key))));
                    }
                    _ => return Some(Err(WalkError::MixedKeys)),
                }
            }
        }
        self.open.pop();
        Some(Ok(Event::End))
    }

    fn charge(&self, event: Event<'h>) -> Result<Event<'h>, WalkError> {
        let work = match event {
            Event::String(bytes) | Event::Key(bytes) => 1 + bytes.len() / 16,
            _ => 1,
        };
        self.heap.meter.charge(work).map_err(WalkError::Raise)?;
        Ok(event)
    }
}

impl std::fmt::Display for WalkError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooDeep => f.write_str("the tables are too deep, or one contains itself"),
            Self::MixedKeys => f.write_str("a table has elements as well as other keys, or keys that are no strings"),
            Self::NotANumber => f.write_str("an infinite number or NaN has no JSON form"),
            Self::Unencodable(name) => write!(f, "a {name} has no JSON form"),
            Self::Raise(_) => f.write_str("a limit is reached"),
        }
    }
}
