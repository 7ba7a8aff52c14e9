//! The bytecode: a register machine in the manner of Lua 5.1, an instruction in eight bytes.

/// A register, counted from the base of its frame.
pub(crate) type Register = u8;

/// Registers of a frame. The compiler refuses a function that needs more.
pub(crate) const MAX_REGISTERS: u8 = 250;

/// A register, or a constant of the function from [`Operand::CONSTANT`] on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Operand(pub(crate) u16);

impl Operand {
    pub(crate) const CONSTANT: u16 = 256;

    pub(crate) fn register(register: Register) -> Self {
        Self(u16::from(register))
    }

    /// `None` for a constant that is too far back; it takes a register then.
    pub(crate) fn constant(index: u32) -> Option<Self> {
        u16::try_from(index).ok()?.checked_add(Self::CONSTANT).map(Self)
    }

    /// The index of the constant, if it is one.
    #[inline]
    pub(crate) fn constant_index(self) -> Option<usize> {
        self.0.checked_sub(Self::CONSTANT).map(usize::from)
    }
}

/// How many values: a fixed number, or as many as there are.
pub(crate) type Count = Option<u8>;

/// An instruction. `to` is the register that is written, jumps go to an absolute position, and a test is followed by the jump that is
/// taken if the test gives what it expects.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Op {
    Move {
        to: Register,
        from: Register,
    },
    LoadConstant {
        to: Register,
        constant: u32,
    },
    LoadBoolean {
        to: Register,
        value: bool,
        skip: bool,
    },
    LoadNil {
        from: Register,
        through: Register,
    },
    GetUpvalue {
        to: Register,
        upvalue: u8,
    },
    SetUpvalue {
        upvalue: u8,
        from: Register,
    },
    GetGlobal {
        to: Register,
        global: u16,
    },
    SetGlobal {
        global: u16,
        from: Register,
    },
    GetField {
        to: Register,
        table: Register,
        key: u32,
    },
    GetIndex {
        to: Register,
        table: Register,
        key: Operand,
    },
    SetField {
        table: Register,
        key: u16,
        value: Operand,
    },
    SetIndex {
        table: Register,
        key: Operand,
        value: Operand,
    },
    NewTable {
        to: Register,
        elements: u16,
        members: u16,
    },
    /// `object:name`: the function into `to`, the object behind it.
    Method {
        to: Register,
        object: Register,
        key: Operand,
    },
    Add {
        to: Register,
        left: Operand,
        right: Operand,
    },
    Subtract {
        to: Register,
        left: Operand,
        right: Operand,
    },
    Multiply {
        to: Register,
        left: Operand,
        right: Operand,
    },
    Divide {
        to: Register,
        left: Operand,
        right: Operand,
    },
    Modulo {
        to: Register,
        left: Operand,
        right: Operand,
    },
    Power {
        to: Register,
        left: Operand,
        right: Operand,
    },
    Negate {
        to: Register,
        from: Register,
    },
    Not {
        to: Register,
        from: Register,
    },
    Length {
        to: Register,
        from: Register,
    },
    Concatenate {
        to: Register,
        first: Register,
        last: Register,
    },
    Jump {
        target: u32,
    },
    Equal {
        expect: bool,
        left: Operand,
        right: Operand,
    },
    Less {
        expect: bool,
        left: Operand,
        right: Operand,
    },
    LessOrEqual {
        expect: bool,
        left: Operand,
        right: Operand,
    },
    Test {
        expect: bool,
        value: Register,
    },
    /// As `Test`, and copies the value if the jump is taken.
    TestSet {
        expect: bool,
        to: Register,
        value: Register,
    },
    /// Calls `function` with the values behind it; its results replace them.
    Call {
        function: Register,
        arguments: Count,
        results: Count,
    },
    TailCall {
        function: Register,
        arguments: Count,
    },
    Return {
        from: Register,
        count: Count,
    },
    /// The registers from `base`: value, limit, step, and the variable that the body sees.
    ForPrepare {
        base: Register,
        target: u32,
    },
    ForLoop {
        base: Register,
        target: u32,
    },
    /// The registers from `base`: iterator, state, control, and the variables.
    IteratorCall {
        base: Register,
        results: u8,
    },
    IteratorLoop {
        base: Register,
        target: u32,
    },
    /// The values behind `table` become its elements, behind so many that came before.
    SetList {
        table: Register,
        count: Count,
        before: u32,
    },
    /// Variables from this register on leave their scope: closures keep their own.
    Close {
        from: Register,
    },
    Closure {
        to: Register,
        function: u32,
    },
    VarArg {
        to: Register,
        count: Count,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instruction_is_small() {
        assert_eq!(size_of::<Op>(), 8);
    }
}
