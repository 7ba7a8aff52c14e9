//! Operators: their precedence, what is folded, and their code.

use super::exp::{Exp, Kind};
use super::function::FunctionState;
use super::token::{Keyword, Token};
use crate::op::{Op, Operand};
use crate::script::CompileError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unary {
    Negate,
    Not,
    Length,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Arithmetic(Arithmetic),
    Concatenate,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Power,
}

/// How tightly an operator without a left side binds: tighter than all but `^`.
pub(super) const UNARY_PRIORITY: u8 = 8;

impl Unary {
    pub(super) fn of(token: &Token<'_>) -> Option<Self> {
        match token {
            Token::Symbol('-') => Some(Self::Negate),
            Token::Symbol('#') => Some(Self::Length),
            Token::Keyword(Keyword::Not) => Some(Self::Not),
            _ => None,
        }
    }
}

impl Binary {
    pub(super) fn of(token: &Token<'_>) -> Option<Self> {
        Some(match token {
            Token::Symbol('+') => Self::Arithmetic(Arithmetic::Add),
            Token::Symbol('-') => Self::Arithmetic(Arithmetic::Subtract),
            Token::Symbol('*') => Self::Arithmetic(Arithmetic::Multiply),
            Token::Symbol('/') => Self::Arithmetic(Arithmetic::Divide),
            Token::Symbol('%') => Self::Arithmetic(Arithmetic::Modulo),
            Token::Symbol('^') => Self::Arithmetic(Arithmetic::Power),
            Token::Concatenate => Self::Concatenate,
            Token::Equal => Self::Equal,
            Token::NotEqual => Self::NotEqual,
            Token::Symbol('<') => Self::Less,
            Token::LessOrEqual => Self::LessOrEqual,
            Token::Symbol('>') => Self::Greater,
            Token::GreaterOrEqual => Self::GreaterOrEqual,
            Token::Keyword(Keyword::And) => Self::And,
            Token::Keyword(Keyword::Or) => Self::Or,
            _ => return None,
        })
    }

    /// How tightly it binds on its left and on its right; more on the left makes it associate to the right.
    pub(super) fn priority(self) -> (u8, u8) {
        match self {
            Self::Or => (1, 1),
            Self::And => (2, 2),
            Self::Equal | Self::NotEqual | Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => (3, 3),
            Self::Concatenate => (5, 4),
            Self::Arithmetic(Arithmetic::Add | Arithmetic::Subtract) => (6, 6),
            Self::Arithmetic(Arithmetic::Multiply | Arithmetic::Divide | Arithmetic::Modulo) => (7, 7),
            Self::Arithmetic(Arithmetic::Power) => (10, 9),
        }
    }
}

impl Arithmetic {
    #[inline]
    pub(crate) fn apply(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Add => a + b,
            Self::Subtract => a - b,
            Self::Multiply => a * b,
            Self::Divide => a / b,
            Self::Modulo => modulo(a, b),
            Self::Power => a.powf(b),
        }
    }
}

/// The remainder with the sign of the divisor.
#[inline]
pub(crate) fn modulo(a: f64, b: f64) -> f64 {
    a - (a / b).floor() * b
}

impl FunctionState {
    pub(super) fn prefix(&mut self, operator: Unary, exp: &mut Exp) -> Result<(), CompileError> {
        match operator {
            Unary::Not => return self.negate_truth(exp),
            Unary::Negate => {
                if let Some(number) = exp.numeral() {
                    exp.kind = Kind::Number(-number);
                    return Ok(());
                }
            }
            Unary::Length => {}
        }
        let from = self.any_register(exp)?;
        self.release_exp(exp);
        let op = if operator == Unary::Negate { Op::Negate { to: 0, from } } else { Op::Length { to: 0, from } };
        *exp = Exp::new(Kind::Relocatable(self.emit(op)));
        Ok(())
    }

    /// Prepares the left side, before the right one is read.
    pub(super) fn infix(&mut self, operator: Binary, left: &mut Exp) -> Result<(), CompileError> {
        match operator {
            Binary::And => self.go_if_true(left),
            Binary::Or => self.go_if_false(left),
            Binary::Arithmetic(_) if left.numeral().is_some() => Ok(()),
            _ => self.operand(left).map(|_| ()),
        }
    }

    pub(super) fn postfix(&mut self, operator: Binary, left: Exp, mut right: Exp) -> Result<Exp, CompileError> {
        match operator {
            Binary::And => {
                self.discharge(&mut right);
                right.if_false = self.join(right.if_false, left.if_false);
                Ok(right)
            }
            Binary::Or => {
                self.discharge(&mut right);
                right.if_true = self.join(right.if_true, left.if_true);
                Ok(right)
            }
            // Read as a whole chain, which is one instruction.
            Binary::Concatenate => Ok(left),
            Binary::Arithmetic(operator) => self.arithmetic(operator, left, right),
            Binary::Equal => self.compare(left, right, |left, right| Op::Equal { expect: true, left, right }),
            Binary::NotEqual => self.compare(left, right, |left, right| Op::Equal { expect: false, left, right }),
            Binary::Less => self.compare(left, right, |left, right| Op::Less { expect: true, left, right }),
            Binary::LessOrEqual => self.compare(left, right, |left, right| Op::LessOrEqual { expect: true, left, right }),
            // Lua has no opcodes for these: `a > b` is `b < a`.
            Binary::Greater => self.compare(left, right, |left, right| Op::Less { expect: true, left: right, right: left }),
            Binary::GreaterOrEqual => self.compare(left, right, |left, right| Op::LessOrEqual { expect: true, left: right, right: left }),
        }
    }

    fn arithmetic(&mut self, operator: Arithmetic, mut left: Exp, mut right: Exp) -> Result<Exp, CompileError> {
        if let (Some(a), Some(b)) = (left.numeral(), right.numeral()) {
            let folded = operator.apply(a, b);
            // A division by zero stays for the run, as in Lua 5.1.
            let by_zero = b == 0.0 && matches!(operator, Arithmetic::Divide | Arithmetic::Modulo);
            if !by_zero && !folded.is_nan() {
                return Ok(Exp::new(Kind::Number(folded)));
            }
        }
        let b = self.operand(&mut right)?;
        let a = self.operand(&mut left)?;
        self.release_both(&left, a, &right, b);
        let (to, left, right) = (0, a, b);
        let op = match operator {
            Arithmetic::Add => Op::Add { to, left, right },
            Arithmetic::Subtract => Op::Subtract { to, left, right },
            Arithmetic::Multiply => Op::Multiply { to, left, right },
            Arithmetic::Divide => Op::Divide { to, left, right },
            Arithmetic::Modulo => Op::Modulo { to, left, right },
            Arithmetic::Power => Op::Power { to, left, right },
        };
        Ok(Exp::new(Kind::Relocatable(self.emit(op))))
    }

    fn compare(&mut self, mut left: Exp, mut right: Exp, op: impl Fn(Operand, Operand) -> Op) -> Result<Exp, CompileError> {
        let a = self.operand(&mut left)?;
        let b = self.operand(&mut right)?;
        self.release_both(&left, a, &right, b);
        let jump = self.emit_test(op(a, b));
        Ok(Exp::new(jump.map_or(Kind::Void, Kind::Jump)))
    }

    fn negate_truth(&mut self, exp: &mut Exp) -> Result<(), CompileError> {
        self.discharge(exp);
        match exp.kind {
            Kind::Nil | Kind::False => exp.kind = Kind::True,
            Kind::Constant(_) | Kind::Number(_) | Kind::True => exp.kind = Kind::False,
            Kind::Jump(at) => self.invert(at),
            _ => {
                let from = self.plain_register(exp)?;
                self.release_exp(exp);
                exp.kind = Kind::Relocatable(self.emit(Op::Not { to: 0, from }));
            }
        }
        std::mem::swap(&mut exp.if_true, &mut exp.if_false);
        self.drop_values(exp.if_true);
        self.drop_values(exp.if_false);
        Ok(())
    }

    fn release_both(&mut self, left: &Exp, a: Operand, right: &Exp, b: Operand) {
        // The higher register first.
        let (first, second) = if a.0 > b.0 { (left, right) } else { (right, left) };
        self.release_exp(first);
        self.release_exp(second);
    }
}
