use std::collections::BTreeMap;

use super::exp::{Jumps, Kind};
use crate::Value;
use crate::op::{MAX_REGISTERS, Op, Operand, Register};
use crate::script::{CompileError, LocalName, Prototype, UpvalueSource};
use crate::value::StringId;

/// Local variables that a function can have at a time.
const MAX_LOCALS: usize = 200;
const MAX_UPVALUES: usize = 250;

/// A function while it is compiled.
pub(super) struct FunctionState {
    pub(super) code: Vec<Op>,
    pub(super) lines: Vec<u32>,
    /// The line of the token that was consumed last, which new instructions get.
    pub(super) line: u32,
    /// Where the function begins.
    pub(super) defined: u32,
    /// Jumps to the instruction that comes next.
    pub(super) pending: Jumps,
    /// The last position that something jumps to.
    pub(super) last_label: usize,
    /// The first free register.
    pub(super) free: Register,
    /// The variables in scope. Each is in the register of its index.
    pub(super) active: Vec<Variable>,
    pub(super) blocks: Vec<Block>,
    pub(super) upvalues: Vec<(Box<str>, UpvalueSource)>,
    pub(super) variadic: bool,
    pub(super) parameters: u8,
    constants: Vec<Value>,
    constant_index: BTreeMap<(u8, u64), u32>,
    locals: Vec<LocalName>,
    registers: Register,
}

pub(super) struct Variable {
    name: Box<str>,
    from: usize,
}

pub(super) struct Block {
    /// Jumps to its end.
    pub(super) breaks: Jumps,
    /// Variables in scope around it.
    pub(super) outside: usize,
    /// Whether a closure captures one of its variables.
    pub(super) captured: bool,
    pub(super) is_loop: bool,
}

impl FunctionState {
    pub(super) fn new(defined: u32) -> Self {
        Self {
            code: Vec::new(),
            lines: Vec::new(),
            line: defined,
            defined,
            pending: None,
            last_label: 0,
            free: 0,
            active: Vec::new(),
            blocks: Vec::new(),
            upvalues: Vec::new(),
            variadic: false,
            parameters: 0,
            constants: Vec::new(),
            constant_index: BTreeMap::new(),
            locals: Vec::new(),
            registers: 2,
        }
    }

    pub(super) fn finish(mut self) -> Prototype {
        self.emit(Op::Return { from: 0, count: Some(0) });
        self.leave_variables(0);
        // In the order of their beginnings, as names are looked up by counting.
        self.locals.sort_by_key(|local| (local.from, local.register));
        let (upvalue_names, upvalues) = self.upvalues.into_iter().unzip();
        Prototype {
            code: self.code,
            lines: self.lines,
            constants: self.constants,
            parameters: self.parameters,
            variadic: self.variadic,
            registers: self.registers,
            upvalues,
            upvalue_names,
            locals: self.locals,
        }
    }

    pub(super) fn error(&self, message: impl Into<String>) -> CompileError {
        CompileError { line: self.line, message: message.into() }
    }

    /// Takes registers above the ones in use.
    pub(super) fn reserve(&mut self, count: usize) -> Result<(), CompileError> {
        let free = usize::from(self.free) + count;
        match Register::try_from(free) {
            Ok(free) if free <= MAX_REGISTERS => {
                self.free = free;
                self.registers = self.registers.max(free);
                Ok(())
            }
            _ => Err(self.error("function or expression too complex")),
        }
    }

    /// Gives a register back unless a variable lives in it. Registers are given back in the reverse order of taking them.
    pub(super) fn release(&mut self, register: Register) {
        if usize::from(register) >= self.active.len() {
            self.free = self.free.saturating_sub(1);
        }
    }

    pub(super) fn release_operand(&mut self, operand: Operand) {
        if let Ok(register) = Register::try_from(operand.0) {
            self.release(register);
        }
    }

    /// Names the registers after those of the variables in scope, which hold the first values.
    pub(super) fn declare(&mut self, names: impl IntoIterator<Item = impl Into<Box<str>>>) -> Result<(), CompileError> {
        for name in names {
            if self.active.len() >= MAX_LOCALS {
                return Err(self.too_many("local variables", MAX_LOCALS));
            }
            self.active.push(Variable { name: name.into(), from: self.code.len() });
        }
        Ok(())
    }

    pub(super) fn enter_block(&mut self, is_loop: bool) {
        self.blocks.push(Block { breaks: None, outside: self.active.len(), captured: false, is_loop });
    }

    pub(super) fn leave_block(&mut self) {
        let Some(block) = self.blocks.pop() else { return };
        self.leave_variables(block.outside);
        let first = self.first_free_above_variables();
        if block.captured {
            self.emit(Op::Close { from: first });
        }
        self.free = first;
        self.patch_to_here(block.breaks);
    }

    /// The register behind those of the variables in scope.
    pub(super) fn first_free_above_variables(&self) -> Register {
        Register::try_from(self.active.len()).unwrap_or(MAX_REGISTERS)
    }

    pub(super) fn find_local(&self, name: &str) -> Option<Register> {
        self.active.iter().rposition(|variable| &*variable.name == name).and_then(|at| Register::try_from(at).ok())
    }

    /// Remembers that a closure captures a variable, so that the end of its block closes it.
    pub(super) fn capture(&mut self, register: Register) {
        if let Some(block) = self.blocks.iter_mut().rev().find(|block| block.outside <= usize::from(register)) {
            block.captured = true;
        }
    }

    pub(super) fn upvalue(&mut self, name: &str, source: UpvalueSource) -> Result<u8, CompileError> {
        let found = self.upvalues.iter().position(|(_, known)| *known == source);
        let index = found.unwrap_or(self.upvalues.len());
        if found.is_none() {
            if index >= MAX_UPVALUES {
                return Err(self.too_many("upvalues", MAX_UPVALUES));
            }
            self.upvalues.push((name.into(), source));
        }
        Ok(u8::try_from(index).unwrap_or(u8::MAX))
    }

    pub(super) fn string_constant(&mut self, id: StringId) -> u32 {
        self.constant((0, u64::from(id.0)), Value::String(id))
    }

    /// The constant of an expression that is one; `None` for what takes code.
    pub(super) fn constant_of(&mut self, kind: Kind) -> Option<u32> {
        Some(match kind {
            Kind::Nil => self.constant((1, 0), Value::Nil),
            Kind::True => self.constant((1, 1), Value::Boolean(true)),
            Kind::False => self.constant((1, 2), Value::Boolean(false)),
            Kind::Number(number) => self.constant((2, number.to_bits()), Value::Number(number)),
            Kind::Constant(index) => index,
            _ => return None,
        })
    }

    fn constant(&mut self, key: (u8, u64), value: Value) -> u32 {
        if let Some(index) = self.constant_index.get(&key) {
            return *index;
        }
        let index = u32::try_from(self.constants.len()).unwrap_or(u32::MAX);
        self.constants.push(value);
        self.constant_index.insert(key, index);
        index
    }

    fn leave_variables(&mut self, keep: usize) {
        let to = self.code.len();
        while self.active.len() > keep {
            let Some(Variable { name, from }) = self.active.pop() else { return };
            let register = self.first_free_above_variables();
            self.locals.push(LocalName { name, register, from, to });
        }
    }

    fn too_many(&self, what: &str, limit: usize) -> CompileError {
        let place = if self.defined == 0 { "main function".to_owned() } else { format!("function at line {}", self.defined) };
        self.error(format!("{place} has more than {limit} {what}"))
    }
}
