//! From an expression to a value in a register.

use super::emit::NO_REGISTER;
use super::exp::{Exp, Jumps, Kind};
use super::function::FunctionState;
use crate::op::{Op, Operand, Register};
use crate::script::CompileError;

impl FunctionState {
    /// Lets a call or `...` give so many values; `None` for all that there are.
    pub(super) fn set_results(&mut self, exp: &Exp, count: Option<u8>) -> Result<(), CompileError> {
        match exp.kind {
            Kind::Call(at) => {
                if let Some(Op::Call { results, .. }) = self.code.get_mut(at) {
                    *results = count;
                }
            }
            Kind::VarArg(at) => {
                let free = self.free;
                if let Some(Op::VarArg { to, count: slot }) = self.code.get_mut(at) {
                    *to = free;
                    *slot = count;
                }
                self.reserve(1)?;
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn set_one_result(&mut self, exp: &mut Exp) {
        match exp.kind {
            Kind::Call(at) => {
                if let Some(Op::Call { function, results, .. }) = self.code.get_mut(at) {
                    *results = Some(1);
                    exp.kind = Kind::Register(*function);
                }
            }
            Kind::VarArg(at) => {
                if let Some(Op::VarArg { count, .. }) = self.code.get_mut(at) {
                    *count = Some(1);
                    exp.kind = Kind::Relocatable(at);
                }
            }
            _ => {}
        }
    }

    /// Turns what names a variable into its value.
    pub(super) fn discharge(&mut self, exp: &mut Exp) {
        exp.kind = match exp.kind {
            Kind::Local(register) => Kind::Register(register),
            Kind::Upvalue(upvalue) => Kind::Relocatable(self.emit(Op::GetUpvalue { to: 0, upvalue })),
            Kind::Global(global) => Kind::Relocatable(self.emit(Op::GetGlobal { to: 0, global })),
            Kind::Indexed { table, key, field } => {
                self.release_operand(key);
                self.release(table);
                Kind::Relocatable(self.emit_get(table, key, field))
            }
            Kind::Call(_) | Kind::VarArg(_) => {
                self.set_one_result(exp);
                return;
            }
            _ => return,
        };
    }

    /// Puts the value into any register, and gives that.
    pub(super) fn any_register(&mut self, exp: &mut Exp) -> Result<Register, CompileError> {
        self.discharge(exp);
        if let Kind::Register(register) = exp.kind {
            if !exp.has_jumps() {
                return Ok(register);
            }
            // Not into a variable, whose value would change.
            if usize::from(register) >= self.active.len() {
                self.put_into(exp, register);
                return Ok(register);
            }
        }
        self.next_register(exp)
    }

    pub(super) fn next_register(&mut self, exp: &mut Exp) -> Result<Register, CompileError> {
        self.discharge(exp);
        self.release_exp(exp);
        self.reserve(1)?;
        let register = self.free.saturating_sub(1);
        self.put_into(exp, register);
        Ok(register)
    }

    /// Puts the value into a register, unless it is in one already or constant.
    pub(super) fn settle(&mut self, exp: &mut Exp) -> Result<(), CompileError> {
        if exp.has_jumps() {
            self.any_register(exp)?;
        } else {
            self.discharge(exp);
        }
        Ok(())
    }

    pub(super) fn operand(&mut self, exp: &mut Exp) -> Result<Operand, CompileError> {
        self.settle(exp)?;
        if !exp.has_jumps()
            && let Some(operand) = self.constant_of(exp.kind).and_then(Operand::constant)
        {
            // It keeps what it is: a number may still be folded.
            return Ok(operand);
        }
        self.any_register(exp).map(Operand::register)
    }

    pub(super) fn put_into(&mut self, exp: &mut Exp, register: Register) {
        self.load(exp, register);
        if let Kind::Jump(at) = exp.kind {
            exp.if_true = self.join(Some(at), exp.if_true);
        }
        if exp.has_jumps() {
            let (mut when_false, mut when_true) = (0, 0);
            if self.needs_value(exp.if_true) || self.needs_value(exp.if_false) {
                let over = if let Kind::Jump(_) = exp.kind { None } else { self.emit_jump() };
                self.label();
                when_false = self.emit(Op::LoadBoolean { to: register, value: false, skip: true });
                self.label();
                when_true = self.emit(Op::LoadBoolean { to: register, value: true, skip: false });
                self.patch_to_here(over);
            }
            let end = self.label();
            self.patch_out(exp.if_false, end, register, when_false);
            self.patch_out(exp.if_true, end, register, when_true);
        }
        *exp = Exp::new(Kind::Register(register));
    }

    /// Assigns a value to what an expression names.
    pub(super) fn store(&mut self, variable: &Exp, exp: &mut Exp) -> Result<(), CompileError> {
        match variable.kind {
            Kind::Local(register) => {
                self.release_exp(exp);
                self.put_into(exp, register);
                return Ok(());
            }
            Kind::Upvalue(upvalue) => {
                let from = self.any_register(exp)?;
                self.emit(Op::SetUpvalue { upvalue, from });
            }
            Kind::Global(global) => {
                let from = self.any_register(exp)?;
                self.emit(Op::SetGlobal { global, from });
            }
            Kind::Indexed { table, key, field } => {
                let value = self.operand(exp)?;
                match key.constant_index().and_then(|index| u16::try_from(index).ok()) {
                    Some(key) if field => self.emit(Op::SetField { table, key, value }),
                    _ => self.emit(Op::SetIndex { table, key, value }),
                };
            }
            _ => {}
        }
        self.release_exp(exp);
        Ok(())
    }

    /// Makes `table[key]` of a table that is in a register.
    pub(super) fn index(&mut self, table: Register, key: &mut Exp) -> Result<Exp, CompileError> {
        let operand = self.operand(key)?;
        let field = matches!(key.kind, Kind::Constant(_));
        Ok(Exp::new(Kind::Indexed { table, key: operand, field }))
    }

    /// Goes on if the expression is true, and else jumps: the list `if_false`.
    pub(super) fn go_if_true(&mut self, exp: &mut Exp) -> Result<(), CompileError> {
        self.discharge(exp);
        let jumps = match exp.kind {
            Kind::Constant(_) | Kind::Number(_) | Kind::True => None,
            Kind::Jump(at) => {
                self.invert(at);
                Some(at)
            }
            _ => self.jump_if(exp, false)?,
        };
        exp.if_false = self.join(jumps, exp.if_false);
        self.patch_to_here(exp.if_true.take());
        Ok(())
    }

    /// Goes on if the expression is false, and else jumps: the list `if_true`.
    pub(super) fn go_if_false(&mut self, exp: &mut Exp) -> Result<(), CompileError> {
        self.discharge(exp);
        let jumps = match exp.kind {
            Kind::Nil | Kind::False => None,
            Kind::Jump(at) => Some(at),
            _ => self.jump_if(exp, true)?,
        };
        exp.if_true = self.join(jumps, exp.if_true);
        self.patch_to_here(exp.if_false.take());
        Ok(())
    }

    pub(super) fn release_exp(&mut self, exp: &Exp) {
        if let Kind::Register(register) = exp.kind {
            self.release(register);
        }
    }

    /// Puts the value into any register, without what its jumps bring.
    pub(super) fn plain_register(&mut self, exp: &mut Exp) -> Result<Register, CompileError> {
        if let Kind::Register(register) = exp.kind {
            return Ok(register);
        }
        self.reserve(1)?;
        let register = self.free.saturating_sub(1);
        self.load(exp, register);
        Ok(register)
    }

    fn jump_if(&mut self, exp: &mut Exp, expect: bool) -> Result<Jumps, CompileError> {
        if let Kind::Relocatable(at) = exp.kind
            && let Some(Op::Not { from, .. }) = self.code.get(at).copied()
        {
            // The test takes the place of the `not`.
            self.code.truncate(at);
            self.lines.truncate(at);
            return Ok(self.emit_test(Op::Test { value: from, expect: !expect }));
        }
        let value = self.plain_register(exp)?;
        self.release_exp(exp);
        Ok(self.emit_test(Op::TestSet { to: NO_REGISTER, value, expect }))
    }

    /// Jumps out of an expression: to its end if they bring a value, else to where the value is loaded.
    fn patch_out(&mut self, jumps: Jumps, end: usize, register: Register, load: usize) {
        self.patch(jumps, end, Some(register), load);
    }

    /// The value into a register, without what its jumps bring.
    fn load(&mut self, exp: &mut Exp, register: Register) {
        self.discharge(exp);
        match exp.kind {
            Kind::Void | Kind::Jump(_) => return,
            Kind::Nil => self.emit_nils(register, register),
            Kind::True | Kind::False => {
                self.emit(Op::LoadBoolean { to: register, value: matches!(exp.kind, Kind::True), skip: false });
            }
            Kind::Relocatable(at) => self.set_destination(at, register),
            Kind::Register(from) => {
                if from != register {
                    self.emit(Op::Move { to: register, from });
                }
            }
            kind => {
                if let Some(constant) = self.constant_of(kind) {
                    self.emit(Op::LoadConstant { to: register, constant });
                }
            }
        }
        exp.kind = Kind::Register(register);
    }
}
