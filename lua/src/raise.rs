use crate::Value;

/// Why a host function, or something that it asked of the heap, does not return.
#[derive(Clone, Debug)]
pub enum Raise {
    /// A Lua error with this text. The machine puts `script:LINE: ` in front of it, as `error()` does. A script can catch it.
    Message(String),
    /// A Lua error with this value, as it is. A script can catch it.
    Value(Value),
    /// Ends the run; no `pcall` sees it.
    Fatal(String),
    /// A limit is reached. Ends the run; no `pcall` sees it.
    Exhausted(Resource),
}

impl Raise {
    pub fn message(text: impl Into<String>) -> Self {
        Self::Message(text.into())
    }
}

/// What a run may spend, each bounded by [`Limits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    Instructions,
    Memory,
    Suspensions,
}

/// What one run may spend. When any of it is spent, the run ends and no `pcall` can catch that.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Instructions of the machine. Long operations (concatenation, comparison and hashing of strings, moving of table elements) cost
    /// more than one, in proportion to their bytes.
    pub instructions: u64,
    /// Bytes. Nothing is freed before the run ends, so this bounds what is allocated in all, not what is in use at a time.
    pub memory: usize,
    /// How often host functions may suspend the run.
    pub suspensions: u32,
    /// How many instructions to run before control goes back to the embedder with `Progress::Yielded`; `None` never does.
    pub slice: Option<u64>,
}

impl Default for Limits {
    /// 10 million instructions (about a tenth of a second), 32 MiB, 32 suspensions, no slices.
    fn default() -> Self {
        Self { instructions: 10_000_000, memory: 32 << 20, suspensions: 32, slice: None }
    }
}

/// Why a run ended without a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub kind: FailureKind,
    /// For people; it names script and line where that is known: `script:3: attempt to …`.
    pub message: String,
    /// Where in the script it happened, if it was in the script. The first line is 1.
    pub line: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// A Lua error that the script did not catch.
    Error,
    /// A host function gave up with [`Raise::Fatal`].
    Fatal,
    Exhausted(Resource),
    /// The embedder asked for what the machine is not ready for, such as a call while another one is suspended.
    Misuse,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl Resource {
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Instructions => "the script used up its instructions",
            Self::Memory => "the script used up its memory",
            Self::Suspensions => "the script used up its calls to the outside",
        }
    }
}
