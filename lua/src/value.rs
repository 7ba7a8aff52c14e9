/// A Lua value: 16 bytes, copied freely. What is larger lives in the [`Heap`](crate::Heap) of one run, and the value is an index into it.
///
/// A value means something only to the `Vm` it came from. Given to another one it reads as some other value of that run or as nil, and
/// never as foreign memory.
#[derive(Clone, Copy, Debug, Default)]
pub enum Value {
    #[default]
    Nil,
    /// A JSON null inside a table. Scripts read it as nil; see [`TableKind`] for what keeps it alive.
    Null,
    Boolean(bool),
    Number(f64),
    /// A number that remembers how it was written. It is its f64 to scripts and in arithmetic.
    Exact(ExactId),
    String(StringId),
    Table(TableId),
    Function(Function),
    /// An object of the embedder: "userdata" to scripts.
    Object(ObjectId),
}

/// Where a number that remembers its text is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExactId(pub(crate) u32);

/// Where a string is kept. Equal strings may have different ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StringId(pub(crate) u32);

/// Where a table is kept. Two tables are equal if and only if their ids are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableId(pub(crate) u32);

/// Where an object's class and handle are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectId(pub(crate) u32);

/// A function: of the script, of the standard library, or of the embedder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function(pub(crate) Callable);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Callable {
    Closure(u32),
    Builtin(crate::library::Builtin),
    Native(u32),
}

/// What a table was made from, which decides how it encodes and how nulls in it behave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TableKind {
    /// Made by the script. It encodes as an array if it has an element 1, and else as an object.
    #[default]
    Plain,
    /// Decoded from a JSON array. It stays an array, also when it is empty; nulls in it count in `#` and `ipairs`.
    Array,
    /// Decoded from a JSON object. A null member stays until the script assigns to its key.
    Object,
}

impl Value {
    /// Everything but nil and false is true.
    pub fn is_truthy(self) -> bool {
        !matches!(self, Self::Nil | Self::Null | Self::Boolean(false))
    }

    /// Nil, or a null, which reads as nil.
    pub fn is_nil(self) -> bool {
        matches!(self, Self::Nil | Self::Null)
    }

    /// The name that `type()` gives.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Nil | Self::Null => "nil",
            Self::Boolean(_) => "boolean",
            Self::Number(_) | Self::Exact(_) => "number",
            Self::String(_) => "string",
            Self::Table(_) => "table",
            Self::Function(_) => "function",
            Self::Object(_) => "userdata",
        }
    }

    /// What a script sees: a null is nil to it.
    pub(crate) fn read(self) -> Self {
        if let Self::Null = self { Self::Nil } else { self }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_small() {
        assert_eq!(size_of::<Value>(), 16);
    }
}
