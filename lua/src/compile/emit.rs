//! Instructions and jumps of the function that is being compiled.

use super::exp::Jumps;
use super::function::FunctionState;
use crate::op::{Op, Operand, Register};

/// The target of a jump that ends a list of waiting jumps.
const NONE: u32 = u32::MAX;

/// The register of a `TestSet` that is not known yet.
pub(super) const NO_REGISTER: Register = u8::MAX;

impl FunctionState {
    pub(super) fn emit(&mut self, op: Op) -> usize {
        let here = self.code.len();
        let pending = self.pending.take();
        self.patch(pending, here, None, here);
        self.code.push(op);
        self.lines.push(self.line);
        here
    }

    /// Gives an instruction another line than that of the token that was read last.
    pub(super) fn set_line(&mut self, at: usize, line: u32) {
        if let Some(slot) = self.lines.get_mut(at) {
            *slot = line;
        }
    }

    /// A jump to nowhere yet. Jumps that would have come here wait with it, as they can go straight to where it goes.
    pub(super) fn emit_jump(&mut self) -> Jumps {
        let pending = self.pending.take();
        let jump = self.emit(Op::Jump { target: NONE });
        self.join(Some(jump), pending)
    }

    /// A test and the jump that is taken when it gives what it expects.
    pub(super) fn emit_test(&mut self, test: Op) -> Jumps {
        self.emit(test);
        self.emit_jump()
    }

    /// The next instruction as a target.
    pub(super) fn label(&mut self) -> usize {
        self.last_label = self.code.len();
        self.last_label
    }

    /// One list out of two; the first should be the shorter one.
    pub(super) fn join(&mut self, first: Jumps, second: Jumps) -> Jumps {
        let (Some(start), Some(_)) = (first, second) else { return first.or(second) };
        let mut last = start;
        while let Some(next) = self.next_jump(last) {
            last = next;
        }
        self.set_target(last, second);
        first
    }

    pub(super) fn patch_to_here(&mut self, jumps: Jumps) {
        self.label();
        self.pending = self.join(jumps, self.pending);
    }

    pub(super) fn patch_to(&mut self, jumps: Jumps, target: usize) {
        if target == self.code.len() { self.patch_to_here(jumps) } else { self.patch(jumps, target, None, target) }
    }

    /// Sends jumps to their targets: those that bring a value with them, which goes into `register`, to the first; others to the second.
    pub(super) fn patch(&mut self, jumps: Jumps, with_value: usize, register: Option<Register>, without: usize) {
        let mut list = jumps;
        while let Some(at) = list {
            list = self.next_jump(at);
            let target = if self.patch_test(at, register) { with_value } else { without };
            self.set_target(at, Some(target));
        }
    }

    /// Whether some of these jumps bring no value with them.
    pub(super) fn needs_value(&self, jumps: Jumps) -> bool {
        let mut list = jumps;
        while let Some(at) = list {
            if !matches!(self.code.get(self.test_of(at)), Some(Op::TestSet { .. })) {
                return true;
            }
            list = self.next_jump(at);
        }
        false
    }

    /// Turns tests that also copy a value into plain ones.
    pub(super) fn drop_values(&mut self, jumps: Jumps) {
        let mut list = jumps;
        while let Some(at) = list {
            self.patch_test(at, None);
            list = self.next_jump(at);
        }
    }

    /// Makes the test of a comparison expect the opposite.
    pub(super) fn invert(&mut self, jump: usize) {
        let at = self.test_of(jump);
        if let Some(Op::Equal { expect, .. } | Op::Less { expect, .. } | Op::LessOrEqual { expect, .. }) = self.code.get_mut(at) {
            *expect = !*expect;
        }
    }

    /// Sets the target of any instruction that jumps.
    pub(super) fn set_target(&mut self, at: usize, to: Jumps) {
        let to = to.and_then(|to| u32::try_from(to).ok()).unwrap_or(NONE);
        if let Some(Op::Jump { target } | Op::ForPrepare { target, .. } | Op::ForLoop { target, .. } | Op::IteratorLoop { target, .. }) =
            self.code.get_mut(at)
        {
            *target = to;
        }
    }

    /// Sets the register that an instruction writes.
    pub(super) fn set_destination(&mut self, at: usize, register: Register) {
        use Op::{
            Add, Closure, Concatenate, Divide, GetField, GetGlobal, GetIndex, GetUpvalue, Length, Modulo, Multiply, Negate, NewTable, Not,
            Power, Subtract, VarArg,
        };
        if let Some(
            GetUpvalue { to, .. }
            | GetGlobal { to, .. }
            | GetField { to, .. }
            | GetIndex { to, .. }
            | NewTable { to, .. }
            | Add { to, .. }
            | Subtract { to, .. }
            | Multiply { to, .. }
            | Divide { to, .. }
            | Modulo { to, .. }
            | Power { to, .. }
            | Negate { to, .. }
            | Not { to, .. }
            | Length { to, .. }
            | Concatenate { to, .. }
            | Closure { to, .. }
            | VarArg { to, .. },
        ) = self.code.get_mut(at)
        {
            *to = register;
        }
    }

    /// Nils into registers, together with an instruction before that does the same next to them.
    pub(super) fn emit_nils(&mut self, first: Register, last: Register) {
        if self.code.len() > self.last_label
            && let Some(Op::LoadNil { from, through }) = self.code.last_mut()
            && *from <= first
            && first <= through.saturating_add(1)
        {
            *through = last.max(*through);
            return;
        }
        self.emit(Op::LoadNil { from: first, through: last });
    }

    /// Reads a member of a table into a register that is not known yet.
    pub(super) fn emit_get(&mut self, table: Register, key: Operand, field: bool) -> usize {
        match key.constant_index().and_then(|index| u32::try_from(index).ok()) {
            Some(key) if field => self.emit(Op::GetField { to: 0, table, key }),
            _ => self.emit(Op::GetIndex { to: 0, table, key }),
        }
    }

    fn next_jump(&self, at: usize) -> Jumps {
        match self.code.get(at) {
            Some(Op::Jump { target }) if *target != NONE => Some(*target as usize),
            _ => None,
        }
    }

    /// The test that decides on a jump; the jump itself if there is none.
    fn test_of(&self, jump: usize) -> usize {
        let before = jump.saturating_sub(1);
        match self.code.get(before) {
            Some(Op::Equal { .. } | Op::Less { .. } | Op::LessOrEqual { .. } | Op::Test { .. } | Op::TestSet { .. }) => before,
            _ => jump,
        }
    }

    /// Lets the test of a jump copy its value into a register, or, without one, into none; false if it has no value.
    fn patch_test(&mut self, jump: usize, register: Option<Register>) -> bool {
        let at = self.test_of(jump);
        let Some(op) = self.code.get_mut(at) else { return false };
        let Op::TestSet { to, value, expect } = op else { return false };
        match register {
            Some(register) if register != *value => *to = register,
            _ => *op = Op::Test { value: *value, expect: *expect },
        }
        true
    }
}
