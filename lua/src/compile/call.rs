//! Functions and their calls.

use super::Compiler;
use super::exp::{Exp, Kind};
use super::function::FunctionState;
use super::token::{Keyword, Token};
use crate::op::{Op, Operand};
use crate::script::CompileError;

impl Compiler<'_> {
    /// Parameters and body; the keyword before them stood in `line`.
    pub(super) fn function_body(&mut self, is_method: bool, line: u32) -> Result<Exp, CompileError> {
        let mut function = FunctionState::new(line);
        function.line = self.function.line;
        self.outer.push(std::mem::replace(&mut self.function, function));
        if is_method {
            self.function.declare(["self"])?;
        }
        self.expect(&Token::Symbol('('))?;
        self.parameters()?;
        self.expect(&Token::Symbol(')'))?;
        self.chunk()?;
        let end = self.line;
        self.expect_match(&Token::Keyword(Keyword::End), &Token::Keyword(Keyword::Function), line)?;
        self.function.line = end;
        let Some(outer) = self.outer.pop() else { return Ok(Exp::new(Kind::Void)) };
        let finished = std::mem::replace(&mut self.function, outer).finish();
        self.function.line = end;
        let index = u32::try_from(self.functions.len()).unwrap_or(u32::MAX);
        self.functions.push(finished);
        Ok(Exp::new(Kind::Relocatable(self.function.emit(Op::Closure { to: 0, function: index }))))
    }

    /// The function `object:name` into a register, and the object behind it.
    pub(super) fn method(&mut self, object: &mut Exp, name: &str) -> Result<(), CompileError> {
        let from = self.function.any_register(object)?;
        self.function.release_exp(object);
        let to = self.function.free;
        self.function.reserve(2)?;
        let constant = self.string_constant(name.as_bytes());
        let key = match Operand::constant(constant) {
            Some(key) => key,
            None => {
                self.function.reserve(1)?;
                let register = self.function.free.saturating_sub(1);
                self.function.emit(Op::LoadConstant { to: register, constant });
                self.function.release(register);
                Operand::register(register)
            }
        };
        self.function.emit(Op::Method { to, object: from, key });
        object.kind = Kind::Register(to);
        Ok(())
    }

    /// The arguments of a call to the function in a register: in parentheses, a table, or a string.
    pub(super) fn call_arguments(&mut self, function: &Exp) -> Result<Exp, CompileError> {
        let line = self.line;
        let mut last = match &self.token {
            Token::Symbol('(') => self.parenthesized_arguments()?,
            Token::Symbol('{') => self.table_constructor()?,
            Token::Text(bytes) => {
                let bytes = bytes.clone();
                let exp = self.string_expression(&bytes);
                self.advance()?;
                exp
            }
            _ => return Err(self.error_near("function arguments expected")),
        };
        let Kind::Register(base) = function.kind else { return Err(self.error_near("unexpected symbol")) };
        let arguments = if last.has_many_values() {
            self.function.set_results(&last, None)?;
            None
        } else {
            if !matches!(last.kind, Kind::Void) {
                self.function.next_register(&mut last)?;
            }
            Some(self.function.free.saturating_sub(base).saturating_sub(1))
        };
        let at = self.function.emit(Op::Call { function: base, arguments, results: Some(1) });
        self.function.set_line(at, line);
        // The call takes away the function and its arguments, and leaves one value, unless that is changed.
        self.function.free = base.saturating_add(1);
        Ok(Exp::new(Kind::Call(at)))
    }

    fn parenthesized_arguments(&mut self) -> Result<Exp, CompileError> {
        let line = self.line;
        // A call or a new statement? Lua 5.1 refuses to guess.
        if line != self.function.line {
            return Err(self.error_near("ambiguous syntax (function call x new statement)"));
        }
        self.advance()?;
        if self.accept(&Token::Symbol(')'))? {
            return Ok(Exp::new(Kind::Void));
        }
        let (exp, _) = self.expression_list()?;
        self.expect_match(&Token::Symbol(')'), &Token::Symbol('('), line)?;
        Ok(exp)
    }

    fn parameters(&mut self) -> Result<(), CompileError> {
        if self.token != Token::Symbol(')') {
            loop {
                match self.token {
                    Token::Name(name) => {
                        self.advance()?;
                        self.function.declare([name])?;
                    }
                    Token::Dots => {
                        self.advance()?;
                        self.function.variadic = true;
                    }
                    _ => return Err(self.error_near("<name> or '...' expected")),
                }
                if self.function.variadic || !self.accept(&Token::Symbol(','))? {
                    break;
                }
            }
        }
        self.function.parameters = self.function.first_free_above_variables();
        let count = self.function.active.len();
        self.function.reserve(count)
    }
}
