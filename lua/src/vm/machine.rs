use std::sync::Arc;

use super::frame::{Closure, Exit, Flow, Frame, FrameKind, Upvalue};
use crate::host::Names;
use crate::library::Random;
use crate::script::Program;
use crate::value::{Callable, Function};
use crate::{Failure, Heap, Limits, Raise, Value};

/// The state of a run, without the embedder's part. Calls between functions of the script never recurse here: frames are data.
pub(crate) struct Machine {
    pub(crate) program: Arc<Program>,
    pub(crate) names: Arc<Names>,
    pub(crate) heap: Heap,
    pub(crate) stack: Vec<Value>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) globals: Vec<Value>,
    pub(crate) closures: Vec<Closure>,
    /// Indexes into `upvalues`; each closure has its own range.
    pub(crate) captures: Vec<u32>,
    pub(crate) upvalues: Vec<Upvalue>,
    /// Upvalues that are still on the stack: place there and index, by place.
    pub(crate) open: Vec<(usize, u32)>,
    /// Where values end of which there are as many as there are: the results of a call, `...`.
    pub(crate) top: usize,
    pub(crate) random: Random,
    /// The strings that `type` has given; there are at most seven.
    pub(crate) type_names: Vec<(&'static str, Value)>,
    pub(crate) zero_based: bool,
}

impl Machine {
    pub(crate) fn new(program: Arc<Program>, names: Arc<Names>, limits: &Limits, seed: [u8; 16]) -> Self {
        let [first, second] =
            [0, 8].map(|from| seed.get(from..from + 8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes).unwrap_or_default());
        Self {
            heap: Heap::new(Arc::clone(&program.strings), limits, (first, second)),
            stack: Vec::new(),
            frames: Vec::new(),
            globals: Vec::new(),
            closures: Vec::new(),
            captures: Vec::new(),
            upvalues: Vec::new(),
            open: Vec::new(),
            top: 0,
            random: Random::new((first, second)),
            type_names: Vec::new(),
            zero_based: program.facts.zero_index.is_some(),
            program,
            names,
        }
    }

    /// Prepares a call from outside: of a function, with arguments.
    pub(crate) fn begin(&mut self, function: Value, arguments: &[Value]) -> Result<Flow, Raise> {
        self.frames.clear();
        self.close(0);
        self.ensure_stack(arguments.len() + 1)?;
        for (slot, value) in self.stack.iter_mut().zip(std::iter::once(&function).chain(arguments)) {
            *slot = value.read();
        }
        self.call(0, arguments.len(), None)
    }

    /// The function of the script as a whole.
    pub(crate) fn main(&mut self) -> Result<Value, Raise> {
        let closure = self.heap.meter.store(&mut self.closures, Closure { function: 0, captures: 0 })?;
        Ok(Value::Function(Function(Callable::Closure(closure))))
    }

    /// Runs until something stops it. Errors that a `pcall` catches do not.
    pub(crate) fn run(&mut self) -> Result<Exit, Failure> {
        loop {
            match self.execute() {
                Ok(exit) => return Ok(exit),
                Err(raise) => {
                    if let Flow::Exit(exit) = self.catch(raise)? {
                        return Ok(exit);
                    }
                }
            }
        }
    }

    /// Makes the stack at least so long.
    #[inline]
    pub(crate) fn ensure_stack(&mut self, length: usize) -> Result<(), Raise> {
        if length <= self.stack.len() { Ok(()) } else { self.grow_stack(length) }
    }

    #[cold]
    fn grow_stack(&mut self, length: usize) -> Result<(), Raise> {
        let more = length - self.stack.len();
        self.heap.meter.reserve(&mut self.stack, more)?;
        // All that was paid for, so that it is rarely done.
        let capacity = self.stack.capacity();
        self.stack.resize(capacity, Value::Nil);
        Ok(())
    }

    pub(crate) fn at(&self, index: usize) -> Value {
        self.stack.get(index).copied().unwrap_or_default()
    }

    pub(crate) fn put(&mut self, index: usize, value: Value) {
        if let Some(slot) = self.stack.get_mut(index) {
            *slot = value;
        }
    }

    /// Copies a row of values to another place.
    #[inline]
    pub(crate) fn move_values(&mut self, from: usize, count: usize, to: usize) {
        if from.max(to) + count <= self.stack.len() {
            self.stack.copy_within(from..from + count, to);
        }
    }

    /// Prepares results at a place, which may be more than the stack has room for.
    pub(crate) fn put_results(&mut self, at: usize, values: &[Value]) -> Result<usize, Raise> {
        self.ensure_stack(at + values.len())?;
        self.heap.meter.charge(values.len() / 4)?;
        for (slot, value) in self.stack.iter_mut().skip(at).zip(values) {
            *slot = value.read();
        }
        Ok(values.len())
    }

    /// Variables from this place on are captured for good by the closures that use them.
    #[inline]
    pub(crate) fn close(&mut self, from: usize) {
        while let Some((place, index)) = self.open.last().copied()
            && place >= from
        {
            self.open.pop();
            let value = self.at(place);
            if let Some(upvalue) = self.upvalues.get_mut(index as usize) {
                *upvalue = Upvalue::Closed(value);
            }
        }
    }

    pub(crate) fn protected(&self) -> Option<usize> {
        self.frames.iter().rposition(|frame| matches!(frame.kind, FrameKind::Protected))
    }
}
