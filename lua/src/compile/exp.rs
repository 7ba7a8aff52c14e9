use crate::op::{Operand, Register};

/// Jumps that wait for their target: the position of one, whose own target is the next one.
pub(super) type Jumps = Option<usize>;

/// An expression that has been read, while it is still open where its value goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exp {
    pub(super) kind: Kind,
    /// Jumps out of it that are taken when it is true.
    pub(super) if_true: Jumps,
    /// Jumps out of it that are taken when it is false.
    pub(super) if_false: Jumps,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// No expression at all.
    Void,
    Nil,
    True,
    False,
    Number(f64),
    /// A string, by its index in the function's constants.
    Constant(u32),
    Local(Register),
    Upvalue(u8),
    Global(u16),
    Indexed {
        table: Register,
        key: Operand,
        /// The key is a constant string.
        field: bool,
    },
    /// A comparison: the position of its jump.
    Jump(usize),
    /// The instruction here can still put its result into any register.
    Relocatable(usize),
    /// The value is in this register.
    Register(Register),
    /// The call here; how many results it gives is still open.
    Call(usize),
    VarArg(usize),
}

impl Exp {
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind, if_true: None, if_false: None }
    }

    pub(super) fn has_jumps(&self) -> bool {
        self.if_true != self.if_false
    }

    /// The number that it is for sure.
    pub(super) fn numeral(&self) -> Option<f64> {
        match self.kind {
            Kind::Number(number) if self.if_true.is_none() && self.if_false.is_none() => Some(number),
            _ => None,
        }
    }

    pub(super) fn has_many_values(&self) -> bool {
        matches!(self.kind, Kind::Call(_) | Kind::VarArg(_))
    }
}
