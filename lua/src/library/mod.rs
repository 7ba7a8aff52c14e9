//! What scripts have without the embedder: Lua 5.1's basic functions as far as they are safe and needed, `math`, and a little of `table`.

mod arguments;
mod base;
mod link;
mod math;
mod random;
mod table;

pub(crate) use random::Random;

use crate::vm::machine::Machine;
use crate::{Raise, Value};
use arguments::Arguments;

/// A function of the machine's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Builtin {
    Assert,
    Error,
    IPairs,
    Pairs,
    Pcall,
    Print,
    Select,
    ToNumber,
    ToString,
    Type,
    /// What `pairs` gives to go on with.
    Next,
    /// What `ipairs` gives to go on with.
    NextElement,
    TableInsert,
    TableRemove,
    Math(math::Function),
}

/// The basic functions, by their names.
const GLOBALS: [(&str, Builtin); 10] = [
    ("assert", Builtin::Assert),
    ("error", Builtin::Error),
    ("ipairs", Builtin::IPairs),
    ("pairs", Builtin::Pairs),
    ("pcall", Builtin::Pcall),
    ("print", Builtin::Print),
    ("select", Builtin::Select),
    ("tonumber", Builtin::ToNumber),
    ("tostring", Builtin::ToString),
    ("type", Builtin::Type),
];

const TABLE: [(&str, Builtin); 2] = [("insert", Builtin::TableInsert), ("remove", Builtin::TableRemove)];

impl Builtin {
    /// A number of its own.
    pub(crate) fn number(self) -> u32 {
        match self {
            Self::Assert => 0,
            Self::Error => 1,
            Self::IPairs => 2,
            Self::Pairs => 3,
            Self::Pcall => 4,
            Self::Print => 5,
            Self::Select => 6,
            Self::ToNumber => 7,
            Self::ToString => 8,
            Self::Type => 9,
            Self::Next => 10,
            Self::NextElement => 11,
            Self::TableInsert => 12,
            Self::TableRemove => 13,
            Self::Math(function) => 256 + function as u32,
        }
    }
}

impl Machine {
    /// Calls a builtin at a place of the stack; its results, so many, take that place. `pcall` and `print` are not called here, as they
    /// are more than functions.
    pub(crate) fn call_builtin(&mut self, builtin: Builtin, at: usize, count: usize) -> Result<usize, Raise> {
        let arguments = Arguments { first: at + 1, count };
        let value = match builtin {
            Builtin::Assert => return self.assert(at, arguments),
            Builtin::Error => return Err(self.error(arguments)),
            Builtin::IPairs => return self.iterate(at, arguments, Builtin::NextElement, Value::Number(0.0)),
            Builtin::Pairs => return self.iterate(at, arguments, Builtin::Next, Value::Nil),
            Builtin::Next => return self.next(at, arguments),
            Builtin::NextElement => return self.next_element(at, arguments),
            Builtin::Select => return self.select(at, arguments),
            Builtin::ToNumber => self.tonumber(arguments)?,
            Builtin::ToString => self.tostring(arguments)?,
            Builtin::Type => self.type_of(arguments)?,
            Builtin::TableInsert => {
                self.table_insert(arguments)?;
                return Ok(0);
            }
            Builtin::TableRemove => return self.table_remove(at, arguments),
            Builtin::Math(function) => return self.math(function, at, arguments),
            Builtin::Pcall | Builtin::Print => return Ok(0),
        };
        self.put(at, value);
        Ok(1)
    }
}
