//! What error messages call a value: the variable or field that it came from, found by looking back in the code.

use super::frame::{Frame, FrameKind, LuaFrame};
use super::machine::Machine;
use crate::op::{Op, Operand, Register};
use crate::script::Prototype;
use crate::{Raise, Value};

impl Machine {
    /// "attempt to … local 'x' (a nil value)"; the value is in a register or a constant.
    pub(crate) fn operand_error(&self, action: &str, operand: Operand, value: Value) -> Raise {
        let name = Register::try_from(operand.0).ok().and_then(|register| self.register_name(register));
        type_error(action, name, value)
    }

    pub(crate) fn call_error(&self, at: usize, value: Value) -> Raise {
        let name = match self.frames.last() {
            Some(Frame { kind: FrameKind::Lua(lua), .. }) => {
                at.checked_sub(lua.base).and_then(|register| u8::try_from(register).ok()).and_then(|register| self.register_name(register))
            }
            _ => None,
        };
        type_error("call", name, value)
    }

    /// "bad argument #1 to 'f' (…)", where the function has the name that its caller uses.
    pub(crate) fn argument_error(&self, number: usize, problem: &str) -> Raise {
        let name = self.called_name();
        match name {
            Some(("method", name)) if number == 1 => Raise::message(format!("calling '{name}' on bad self ({problem})")),
            Some(("method", name)) => Raise::message(format!("bad argument #{} to '{name}' ({problem})", number - 1)),
            name => Raise::message(format!("bad argument #{number} to '{}' ({problem})", name.map_or("?", |(_, name)| name))),
        }
    }

    /// The name of the function that the innermost frame is calling.
    fn called_name(&self) -> Option<(&'static str, &str)> {
        let Some(Frame { kind: FrameKind::Lua(lua), .. }) = self.frames.last() else { return None };
        let prototype = self.program.functions.get(lua.function as usize)?;
        match prototype.code.get(lua.next.checked_sub(1)?)? {
            Op::Call { function, .. } | Op::TailCall { function, .. } => self.register_name(*function),
            _ => None,
        }
    }

    fn register_name(&self, register: Register) -> Option<(&'static str, &str)> {
        let Some(Frame { kind: FrameKind::Lua(LuaFrame { function, next, .. }), .. }) = self.frames.last() else { return None };
        let prototype = self.program.functions.get(*function as usize)?;
        self.name_at(prototype, next.checked_sub(1)?, register)
    }

    fn name_at<'p>(&'p self, prototype: &'p Prototype, mut at: usize, mut register: Register) -> Option<(&'static str, &'p str)> {
        loop {
            let local = prototype.locals.iter().find(|local| local.register == register && local.from <= at && at < local.to);
            if let Some(local) = local {
                return Some(("local", &local.name));
            }
            at = last_write(prototype, at, register)?;
            return Some(match *prototype.code.get(at)? {
                Op::Move { from, to } if from < to => {
                    register = from;
                    continue;
                }
                Op::GetGlobal { global, .. } => ("global", self.program.globals.get(usize::from(global))?),
                Op::GetUpvalue { upvalue, .. } => ("upvalue", prototype.upvalue_names.get(usize::from(upvalue))?),
                Op::GetField { key, .. } => ("field", self.constant_name(prototype, key as usize)),
                Op::GetIndex { key, .. } => ("field", key.constant_index().map_or("?", |index| self.constant_name(prototype, index))),
                Op::Method { key, .. } => ("method", key.constant_index().map_or("?", |index| self.constant_name(prototype, index))),
                _ => return None,
            });
        }
    }

    fn constant_name<'p>(&'p self, prototype: &Prototype, index: usize) -> &'p str {
        match prototype.constants.get(index) {
            Some(Value::String(id)) => std::str::from_utf8(self.heap.string_bytes(*id)).unwrap_or("?"),
            _ => "?",
        }
    }
}

fn type_error(action: &str, name: Option<(&'static str, &str)>, value: Value) -> Raise {
    let kind = value.type_name();
    Raise::Message(match name {
        Some((what, name)) => format!("attempt to {action} {what} '{name}' (a {kind} value)"),
        None => format!("attempt to {action} a {kind} value"),
    })
}

/// The last instruction before `end` that wrote a register, as far as the code tells without running it: jumps forward that do not pass
/// `end` are followed.
fn last_write(prototype: &Prototype, end: usize, register: Register) -> Option<usize> {
    let mut last = None;
    let mut at = 0;
    while at < end {
        let op = prototype.code.get(at)?;
        if writes(op, register) {
            last = Some(at);
        }
        at += 1;
        if let Op::Jump { target } | Op::ForPrepare { target, .. } = *op
            && (at..=end).contains(&(target as usize))
        {
            at = target as usize;
        }
    }
    last
}

fn writes(op: &Op, register: Register) -> bool {
    match *op {
        Op::Move { to, .. }
        | Op::LoadConstant { to, .. }
        | Op::LoadBoolean { to, .. }
        | Op::GetUpvalue { to, .. }
        | Op::GetGlobal { to, .. }
        | Op::GetField { to, .. }
        | Op::GetIndex { to, .. }
        | Op::NewTable { to, .. }
        | Op::Add { to, .. }
        | Op::Subtract { to, .. }
        | Op::Multiply { to, .. }
        | Op::Divide { to, .. }
        | Op::Modulo { to, .. }
        | Op::Power { to, .. }
        | Op::Negate { to, .. }
        | Op::Not { to, .. }
        | Op::Length { to, .. }
        | Op::Concatenate { to, .. }
        | Op::TestSet { to, .. }
        | Op::Closure { to, .. } => to == register,
        // As in Lua 5.1: what was tested is not what was read, as another branch may have written it.
        Op::Test { value, .. } => value == register,
        Op::LoadNil { from, through } => (from..=through).contains(&register),
        Op::Method { to, .. } => register == to || Some(register) == to.checked_add(1),
        Op::Call { function, .. } | Op::TailCall { function, .. } => register >= function,
        Op::VarArg { to, count } => register >= to && count.is_none_or(|count| register - to < count),
        Op::ForPrepare { base, .. } | Op::ForLoop { base, .. } => register == base || Some(register) == base.checked_add(3),
        Op::IteratorCall { base, .. } => register >= base.saturating_add(2),
        _ => false,
    }
}
