use super::Compiler;
use super::token::{Keyword, Token};
use crate::op::{Op, Register};
use crate::script::CompileError;

impl Compiler<'_> {
    pub(super) fn while_statement(&mut self, line: u32) -> Result<(), CompileError> {
        self.advance()?;
        let start = self.function.label();
        let exit = self.condition()?;
        self.function.enter_block(true);
        self.expect(&Token::Keyword(Keyword::Do))?;
        self.block()?;
        let back = self.function.emit_jump();
        self.function.patch_to(back, start);
        self.expect_match(&Token::Keyword(Keyword::End), &Token::Keyword(Keyword::While), line)?;
        self.function.leave_block();
        self.function.patch_to_here(exit);
        Ok(())
    }

    pub(super) fn repeat_statement(&mut self, line: u32) -> Result<(), CompileError> {
        let start = self.function.label();
        self.function.enter_block(true);
        // The condition sees the variables of the body.
        self.function.enter_block(false);
        self.advance()?;
        self.chunk()?;
        self.expect_match(&Token::Keyword(Keyword::Until), &Token::Keyword(Keyword::Repeat), line)?;
        let again = self.condition()?;
        if self.function.blocks.last().is_some_and(|block| block.captured) {
            // Each round has its own variables: both ways out close them.
            self.break_loop()?;
            self.function.patch_to_here(again);
            self.function.leave_block();
            let back = self.function.emit_jump();
            self.function.patch_to(back, start);
        } else {
            self.function.leave_block();
            self.function.patch_to(again, start);
        }
        self.function.leave_block();
        Ok(())
    }

    pub(super) fn for_statement(&mut self, line: u32) -> Result<(), CompileError> {
        self.function.enter_block(true);
        self.advance()?;
        let name = self.expect_name()?;
        match self.token {
            Token::Symbol('=') => self.numeric_for(name, line)?,
            Token::Symbol(',') | Token::Keyword(Keyword::In) => self.generic_for(name, line)?,
            _ => return Err(self.error_near("'=' or 'in' expected")),
        }
        self.expect_match(&Token::Keyword(Keyword::End), &Token::Keyword(Keyword::For), line)?;
        self.function.leave_block();
        Ok(())
    }

    /// Leaves the innermost loop.
    pub(super) fn break_loop(&mut self) -> Result<(), CompileError> {
        let Some(at) = self.function.blocks.iter().rposition(|block| block.is_loop) else {
            return Err(self.error_near("no loop to break"));
        };
        let left = self.function.blocks.get(at..).unwrap_or_default();
        let captured = left.iter().any(|block| block.captured);
        let outside = left.first().map_or(0, |block| block.outside);
        if captured {
            self.function.emit(Op::Close { from: Register::try_from(outside).unwrap_or(Register::MAX) });
        }
        let jump = self.function.emit_jump();
        let breaks = self.function.blocks.get_mut(at).and_then(|block| block.breaks.take());
        let joined = self.function.join(jump, breaks);
        if let Some(block) = self.function.blocks.get_mut(at) {
            block.breaks = joined;
        }
        Ok(())
    }

    fn numeric_for(&mut self, name: &str, line: u32) -> Result<(), CompileError> {
        let base = self.function.free;
        self.advance()?;
        self.for_value()?;
        self.expect(&Token::Symbol(','))?;
        self.for_value()?;
        if self.accept(&Token::Symbol(','))? {
            self.for_value()?;
        } else {
            let to = self.function.free;
            let constant = self.function.constant_of(super::exp::Kind::Number(1.0)).unwrap_or_default();
            self.function.emit(Op::LoadConstant { to, constant });
            self.function.reserve(1)?;
        }
        self.function.declare(["(for index)", "(for limit)", "(for step)"])?;
        self.expect(&Token::Keyword(Keyword::Do))?;
        let prepare = self.function.emit(Op::ForPrepare { base, target: 0 });
        self.for_body(&[name])?;
        let end = self.function.label();
        self.function.set_target(prepare, Some(end));
        let at = self.function.emit(Op::ForLoop { base, target: 0 });
        self.function.set_target(at, Some(prepare + 1));
        self.function.set_line(at, line);
        Ok(())
    }

    fn generic_for(&mut self, first: &str, line: u32) -> Result<(), CompileError> {
        let base = self.function.free;
        let mut names = vec![first];
        while self.accept(&Token::Symbol(','))? {
            names.push(self.expect_name()?);
        }
        self.expect(&Token::Keyword(Keyword::In))?;
        let (exp, count) = self.expression_list()?;
        self.adjust_assignment(3, count, exp)?;
        self.function.free = base.saturating_add(3);
        // The iterator, its state and its control value are called with, in three registers more.
        self.function.reserve(3)?;
        self.function.free = base.saturating_add(3);
        self.function.declare(["(for generator)", "(for state)", "(for control)"])?;
        self.expect(&Token::Keyword(Keyword::Do))?;
        let prepare = self.function.emit_jump();
        let start = self.function.label();
        self.for_body(&names)?;
        self.function.patch_to_here(prepare);
        let results = u8::try_from(names.len()).unwrap_or(u8::MAX);
        let call = self.function.emit(Op::IteratorCall { base, results });
        self.function.set_line(call, line);
        let at = self.function.emit(Op::IteratorLoop { base, target: 0 });
        self.function.set_target(at, Some(start));
        self.function.set_line(at, line);
        Ok(())
    }

    fn for_body(&mut self, names: &[&str]) -> Result<(), CompileError> {
        self.function.enter_block(false);
        self.function.declare(names.iter().copied())?;
        self.function.reserve(names.len())?;
        self.chunk()?;
        self.function.leave_block();
        Ok(())
    }

    fn for_value(&mut self) -> Result<(), CompileError> {
        let mut exp = self.expression()?;
        self.function.next_register(&mut exp)?;
        Ok(())
    }
}
