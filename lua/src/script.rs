use std::collections::BTreeSet;
use std::sync::Arc;

use crate::Value;
use crate::compile;
use crate::op::{Op, Register};

/// A compiled script: immutable, shared by all runs, cheap to clone.
#[derive(Clone)]
pub struct Script(pub(crate) Arc<Program>);

/// Why a text is no script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    /// The first line is 1.
    pub line: u32,
    /// In the words of Lua 5.1, such as `'=' expected near 'x'`.
    pub message: String,
}

/// A string of the script's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// What is between the quotes, with escapes resolved; need not be UTF-8.
    pub bytes: Vec<u8>,
    /// Where it begins.
    pub line: u32,
}

pub(crate) struct Program {
    /// The first is the script itself.
    pub(crate) functions: Vec<Prototype>,
    /// Their indexes are the ids of these strings in every run.
    pub(crate) strings: Arc<[Box<[u8]>]>,
    /// Names of the globals, by their slots.
    pub(crate) globals: Vec<Box<str>>,
    pub(crate) facts: Facts,
}

/// What can be told of a script without running it.
#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) literals: Vec<Literal>,
    pub(crate) names: BTreeSet<Box<str>>,
    pub(crate) globals_read: BTreeSet<Box<str>>,
    pub(crate) globals_assigned: BTreeSet<Box<str>>,
    pub(crate) zero_index: Option<u32>,
}

/// A function as it was compiled.
pub(crate) struct Prototype {
    pub(crate) code: Vec<Op>,
    /// The line of each instruction.
    pub(crate) lines: Vec<u32>,
    pub(crate) constants: Vec<Value>,
    pub(crate) parameters: u8,
    pub(crate) variadic: bool,
    pub(crate) registers: u8,
    pub(crate) upvalues: Vec<UpvalueSource>,
    pub(crate) upvalue_names: Vec<Box<str>>,
    /// For error messages, in the order of their beginnings.
    pub(crate) locals: Vec<LocalName>,
}

/// What a new closure captures: a variable of the function that makes it, or what that function has captured itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UpvalueSource {
    Local(Register),
    Upvalue(u8),
}

/// Where in the code a local variable can be seen.
pub(crate) struct LocalName {
    pub(crate) name: Box<str>,
    pub(crate) register: Register,
    pub(crate) from: usize,
    pub(crate) to: usize,
}

impl Script {
    /// Compiles a script. The text is any; how deep it may nest is bounded, so no text overflows the stack.
    pub fn compile(source: &str) -> Result<Self, CompileError> {
        compile::compile(source).map(|program| Self(Arc::new(program)))
    }

    /// Every string in the text, in order.
    pub fn literals(&self) -> &[Literal] {
        &self.0.facts.literals
    }

    /// Whether a name appears in the text: as a variable, a field, a method, or as a whole string. A script that does not mention a name
    /// can still compute it as a key (`t["a" .. "b"]`), but not as a global.
    pub fn mentions(&self, name: &str) -> bool {
        self.0.facts.names.contains(name) || self.0.facts.literals.iter().any(|literal| literal.bytes == name.as_bytes())
    }

    /// Whether the text assigns to a global of this name anywhere: `function name() … end` or `name = …`. That it is a function, and that
    /// the assignment is reached, only a run can tell.
    pub fn defines(&self, name: &str) -> bool {
        self.0.facts.globals_assigned.contains(name)
    }

    /// The names of the globals that are read anywhere.
    pub fn globals_read(&self) -> impl Iterator<Item = &str> {
        self.0.facts.globals_read.iter().map(|name| &**name)
    }

    /// Whether index expressions into tables decoded from JSON arrays count from 0: so it is if the script indexes anything with the
    /// literal 0.
    pub fn is_zero_based(&self) -> bool {
        self.0.facts.zero_index.is_some()
    }

    /// The line of the first index that is the literal 0.
    pub fn zero_index_line(&self) -> Option<u32> {
        self.0.facts.zero_index
    }
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Script({} functions)", self.0.functions.len())
    }
}

impl std::fmt::Display for CompileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "script:{}: {}", self.line, self.message)
    }
}

impl std::error::Error for CompileError {}
