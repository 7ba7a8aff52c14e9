use crate::Value;
use crate::op::Count;

/// How deep calls may nest, `pcall` included. One more is the Lua error "stack overflow".
pub(crate) const MAX_CALLS: usize = 200;

/// A call under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) kind: FrameKind,
    /// Where on the stack its results go: the place of the function that was called.
    pub(crate) results_at: usize,
    /// How many results its caller wants.
    pub(crate) wanted: Count,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum FrameKind {
    Lua(LuaFrame),
    /// A `pcall`: where an error stops. The function that it calls is on the stack behind `results_at`.
    Protected,
}

/// A function of the script that is running.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LuaFrame {
    /// Index of the prototype.
    pub(crate) function: u32,
    /// Where the upvalues of its closure begin.
    pub(crate) captures: u32,
    /// The next instruction. Kept here only while something else runs.
    pub(crate) next: usize,
    /// The first register. Values for `...` lie below it.
    pub(crate) base: usize,
    pub(crate) varargs: usize,
    /// Calls that this one has replaced.
    pub(crate) tail_calls: u32,
}

/// A function of the script with what it captured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closure {
    pub(crate) function: u32,
    pub(crate) captures: u32,
}

/// A captured variable: on the stack while its block runs, on its own afterwards.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Upvalue {
    Open(usize),
    Closed(Value),
}

/// What a call does to the caller's loop.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Flow {
    /// The results are in place, and the frame is the same.
    Continue,
    /// Another frame is the innermost now.
    Reload,
    /// The machine stops for somebody else.
    Exit(Exit),
}

/// Why the machine stops.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Exit {
    /// The outermost call has returned: its results lie here, so many.
    Done { at: usize, count: usize },
    /// The slice is over.
    Yield,
    /// The embedder's turn.
    Host(HostCall),
}

/// A call of what the embedder provides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HostCall {
    pub(crate) target: HostTarget,
    /// Where the function is on the stack; the arguments lie behind it.
    pub(crate) at: usize,
    pub(crate) arguments: usize,
    pub(crate) wanted: Count,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum HostTarget {
    Print,
    Native(u32),
}
