use super::Compiler;
use super::exp::{Exp, Jumps, Kind};
use super::token::{Keyword, Token};
use crate::op::Op;
use crate::script::CompileError;

impl Compiler<'_> {
    /// Statements up to what ends a block.
    pub(super) fn chunk(&mut self) -> Result<(), CompileError> {
        self.nested(|compiler| {
            let mut last = false;
            while !last && !compiler.at_block_end() {
                last = compiler.statement()?;
                compiler.accept(&Token::Symbol(';'))?;
                compiler.function.free = compiler.function.first_free_above_variables();
            }
            Ok(())
        })
    }

    /// A chunk whose variables end with it.
    pub(super) fn block(&mut self) -> Result<(), CompileError> {
        self.function.enter_block(false);
        self.chunk()?;
        self.function.leave_block();
        Ok(())
    }

    /// A condition; gives the jumps that are taken when it is false.
    pub(super) fn condition(&mut self) -> Result<Jumps, CompileError> {
        let mut exp = self.expression()?;
        if matches!(exp.kind, Kind::Nil) {
            exp.kind = Kind::False;
        }
        self.function.go_if_true(&mut exp)?;
        Ok(exp.if_false)
    }

    fn at_block_end(&self) -> bool {
        matches!(self.token, Token::End | Token::Keyword(Keyword::Else | Keyword::ElseIf | Keyword::End | Keyword::Until))
    }

    /// One statement; true if nothing may follow it in its block.
    fn statement(&mut self) -> Result<bool, CompileError> {
        let line = self.line;
        let Token::Keyword(keyword) = self.token else {
            self.call_or_assignment()?;
            return Ok(false);
        };
        match keyword {
            Keyword::If => self.if_statement(line)?,
            Keyword::While => self.while_statement(line)?,
            Keyword::Do => {
                self.advance()?;
                self.block()?;
                self.expect_match(&Token::Keyword(Keyword::End), &Token::Keyword(Keyword::Do), line)?;
            }
            Keyword::For => self.for_statement(line)?,
            Keyword::Repeat => self.repeat_statement(line)?,
            Keyword::Function => self.function_statement(line)?,
            Keyword::Local => {
                self.advance()?;
                if self.accept_keyword(Keyword::Function)? { self.local_function()? } else { self.local_statement()? }
            }
            Keyword::Return => {
                self.return_statement()?;
                return Ok(true);
            }
            Keyword::Break => {
                self.advance()?;
                self.break_loop()?;
                return Ok(true);
            }
            _ => self.call_or_assignment()?,
        }
        Ok(false)
    }

    fn if_statement(&mut self, line: u32) -> Result<(), CompileError> {
        let mut to_end: Jumps = None;
        let mut otherwise = self.test_then_block()?;
        loop {
            match self.token {
                Token::Keyword(Keyword::ElseIf) => {
                    let jump = self.function.emit_jump();
                    to_end = self.function.join(jump, to_end);
                    self.function.patch_to_here(otherwise);
                    otherwise = self.test_then_block()?;
                }
                Token::Keyword(Keyword::Else) => {
                    let jump = self.function.emit_jump();
                    to_end = self.function.join(jump, to_end);
                    self.function.patch_to_here(otherwise);
                    self.advance()?;
                    self.block()?;
                    break;
                }
                _ => {
                    to_end = self.function.join(otherwise, to_end);
                    break;
                }
            }
        }
        self.function.patch_to_here(to_end);
        self.expect_match(&Token::Keyword(Keyword::End), &Token::Keyword(Keyword::If), line)
    }

    /// `if` or `elseif`, up to the end of its block; gives the jumps behind it.
    fn test_then_block(&mut self) -> Result<Jumps, CompileError> {
        self.advance()?;
        let otherwise = self.condition()?;
        self.expect(&Token::Keyword(Keyword::Then))?;
        self.block()?;
        Ok(otherwise)
    }

    fn function_statement(&mut self, line: u32) -> Result<(), CompileError> {
        self.advance()?;
        let name = self.expect_name()?;
        let mut variable = self.variable(name)?;
        while self.token == Token::Symbol('.') {
            self.field(&mut variable)?;
        }
        let is_method = self.token == Token::Symbol(':');
        if is_method {
            self.field(&mut variable)?;
        }
        let mut body = self.function_body(is_method, line)?;
        self.function.store(&variable, &mut body)?;
        // The definition happens where it begins.
        let last = self.function.code.len().saturating_sub(1);
        self.function.set_line(last, line);
        Ok(())
    }

    fn local_function(&mut self) -> Result<(), CompileError> {
        let name = self.expect_name()?;
        let register = self.function.free;
        self.function.reserve(1)?;
        // In scope within itself, so that it can call itself.
        self.function.declare([name])?;
        let line = self.line;
        let mut body = self.function_body(false, line)?;
        self.function.store(&Exp::new(Kind::Local(register)), &mut body)
    }

    fn local_statement(&mut self) -> Result<(), CompileError> {
        let mut names = Vec::new();
        loop {
            names.push(self.expect_name()?);
            if !self.accept(&Token::Symbol(','))? {
                break;
            }
        }
        let (exp, count) = if self.accept(&Token::Symbol('='))? { self.expression_list()? } else { (Exp::new(Kind::Void), 0) };
        self.adjust_assignment(names.len(), count, exp)?;
        self.function.declare(names)
    }

    fn return_statement(&mut self) -> Result<(), CompileError> {
        self.advance()?;
        let variables = self.function.first_free_above_variables();
        let (mut from, mut count) = (0, Some(0));
        if !self.at_block_end() && self.token != Token::Symbol(';') {
            let (mut exp, expressions) = self.expression_list()?;
            if exp.has_many_values() {
                self.function.set_results(&exp, None)?;
                if let Kind::Call(at) = exp.kind
                    && expressions == 1
                    && let Some(op @ Op::Call { .. }) = self.function.code.get_mut(at)
                    && let Op::Call { function, arguments, .. } = *op
                {
                    *op = Op::TailCall { function, arguments };
                }
                (from, count) = (variables, None);
            } else if expressions == 1 {
                (from, count) = (self.function.any_register(&mut exp)?, Some(1));
            } else {
                self.function.next_register(&mut exp)?;
                (from, count) = (variables, Some(self.function.free.saturating_sub(variables)));
            }
        }
        self.function.emit(Op::Return { from, count });
        Ok(())
    }
}
