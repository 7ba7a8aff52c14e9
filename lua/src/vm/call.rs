//! Calls and returns.

use super::frame::{Closure, Exit, Flow, Frame, FrameKind, HostCall, HostTarget, LuaFrame, MAX_CALLS};
use super::machine::Machine;
use crate::library::Builtin;
use crate::op::Count;
use crate::value::{Callable, Function};
use crate::{Raise, Value};

impl Machine {
    /// Calls the function at a place of the stack with the arguments behind it.
    pub(crate) fn call(&mut self, mut at: usize, mut arguments: usize, mut wanted: Count) -> Result<Flow, Raise> {
        loop {
            match self.at(at) {
                Value::Function(Function(Callable::Closure(closure))) => {
                    self.enter(closure, at, arguments, wanted, 0)?;
                    return Ok(Flow::Reload);
                }
                Value::Function(Function(Callable::Builtin(Builtin::Pcall))) => {
                    if arguments == 0 {
                        return Err(self.argument_error(1, "value expected"));
                    }
                    self.push_frame(Frame { kind: FrameKind::Protected, results_at: at, wanted })?;
                    (at, arguments, wanted) = (at + 1, arguments - 1, None);
                    self.heap.meter.charge(1)?;
                }
                Value::Function(Function(Callable::Builtin(Builtin::Print))) => {
                    return Ok(Flow::Exit(Exit::Host(HostCall { target: HostTarget::Print, at, arguments, wanted })));
                }
                Value::Function(Function(Callable::Builtin(builtin))) => {
                    let count = self.call_builtin(builtin, at, arguments)?;
                    return Ok(self.finish(at, count, wanted));
                }
                Value::Function(Function(Callable::Native(native))) => {
                    let target = HostTarget::Native(native);
                    return Ok(Flow::Exit(Exit::Host(HostCall { target, at, arguments, wanted })));
                }
                other => return Err(self.call_error(at, other)),
            }
        }
    }

    /// Replaces the running function by a call, if it is one of the script; else it is an ordinary call, whose results are returned next.
    pub(crate) fn tail_call(&mut self, at: usize, arguments: usize) -> Result<Flow, Raise> {
        let Value::Function(Function(Callable::Closure(closure))) = self.at(at) else { return self.call(at, arguments, None) };
        let Some(Frame { kind: FrameKind::Lua(lua), results_at, wanted }) = self.frames.last().copied() else {
            return self.call(at, arguments, None);
        };
        self.close(lua.base);
        self.heap.meter.charge(arguments / 4)?;
        self.move_values(at, arguments + 1, results_at);
        self.frames.pop();
        self.enter(closure, results_at, arguments, wanted, lua.tail_calls.saturating_add(1))?;
        Ok(Flow::Reload)
    }

    /// Hands results, which lie where the called function was, to whoever called it.
    #[inline]
    pub(crate) fn finish(&mut self, at: usize, count: usize, wanted: Count) -> Flow {
        match wanted {
            Some(wanted) => {
                for index in count..usize::from(wanted) {
                    self.put(at + index, Value::Nil);
                }
            }
            None => self.top = at + count,
        }
        match self.frames.last() {
            Some(Frame { kind: FrameKind::Lua(_), .. }) => Flow::Continue,
            _ => self.finish_outer(at, count),
        }
    }

    /// The same to each `pcall` that this was the last act of, and at last to the embedder.
    #[cold]
    fn finish_outer(&mut self, mut at: usize, mut count: usize) -> Flow {
        while let Some(Frame { kind: FrameKind::Protected, results_at, wanted }) = self.frames.last().copied() {
            self.frames.pop();
            self.put(results_at, Value::Boolean(true));
            (at, count) = (results_at, count + 1);
            match wanted {
                Some(wanted) => {
                    for index in count..usize::from(wanted) {
                        self.put(at + index, Value::Nil);
                    }
                }
                None => self.top = at + count,
            }
        }
        if self.frames.is_empty() { Flow::Exit(Exit::Done { at, count }) } else { Flow::Reload }
    }

    pub(crate) fn push_frame(&mut self, frame: Frame) -> Result<(), Raise> {
        if self.frames.len() >= MAX_CALLS {
            return Err(Raise::message("stack overflow"));
        }
        self.heap.meter.push(&mut self.frames, frame)
    }

    #[inline]
    fn enter(&mut self, closure: u32, at: usize, arguments: usize, wanted: Count, tail_calls: u32) -> Result<(), Raise> {
        let Some(Closure { function, captures }) = self.closures.get(closure as usize).copied() else { return Ok(()) };
        let Some(prototype) = self.program.functions.get(function as usize) else { return Ok(()) };
        let parameters = usize::from(prototype.parameters);
        let registers = usize::from(prototype.registers);
        let variadic = prototype.variadic;
        let first = at + 1;
        let base = if variadic { first + arguments.max(parameters) } else { first };
        let varargs = if variadic { arguments.saturating_sub(parameters) } else { 0 };
        self.ensure_stack(base + registers)?;
        for index in arguments..parameters {
            self.put(first + index, Value::Nil);
        }
        if variadic {
            self.move_values(first, parameters, base);
        }
        let lua = LuaFrame { function, captures, next: 0, base, varargs, tail_calls };
        self.push_frame(Frame { kind: FrameKind::Lua(lua), results_at: at, wanted })
    }
}
