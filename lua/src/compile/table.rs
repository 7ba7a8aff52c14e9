//! Constructors of tables.

use super::Compiler;
use super::exp::{Exp, Kind};
use super::token::Token;
use crate::op::{Op, Register};
use crate::script::CompileError;

/// Elements that are collected in registers before they go into the table.
const BATCH: u8 = 50;

struct Constructor {
    table: Register,
    /// The element that was read last, whose place is still open.
    last: Exp,
    /// Elements that are in the table already.
    stored: u32,
    /// Elements in registers.
    waiting: u8,
    members: u16,
}

impl Compiler<'_> {
    pub(super) fn table_constructor(&mut self) -> Result<Exp, CompileError> {
        let line = self.line;
        let at = self.function.emit(Op::NewTable { to: 0, elements: 0, members: 0 });
        let mut exp = Exp::new(Kind::Relocatable(at));
        let table = self.function.next_register(&mut exp)?;
        let mut constructor = Constructor { table, last: Exp::new(Kind::Void), stored: 0, waiting: 0, members: 0 };
        self.expect(&Token::Symbol('{'))?;
        while self.token != Token::Symbol('}') {
            self.close_element(&mut constructor)?;
            let named = matches!(self.token, Token::Name(_)) && *self.peek()? == Token::Symbol('=');
            if named || self.token == Token::Symbol('[') {
                self.constructor_member(&mut constructor)?;
            } else {
                constructor.last = self.expression()?;
                constructor.waiting += 1;
            }
            if !self.accept(&Token::Symbol(','))? && !self.accept(&Token::Symbol(';'))? {
                break;
            }
        }
        self.expect_match(&Token::Symbol('}'), &Token::Symbol('{'), line)?;
        self.close_last(&mut constructor)?;
        if let Some(Op::NewTable { elements, members, .. }) = self.function.code.get_mut(at) {
            *elements = u16::try_from(constructor.stored).unwrap_or(u16::MAX);
            *members = constructor.members;
        }
        Ok(exp)
    }

    fn constructor_member(&mut self, constructor: &mut Constructor) -> Result<(), CompileError> {
        let free = self.function.free;
        let mut key = match self.token {
            Token::Name(name) => {
                self.advance()?;
                self.string_expression(name.as_bytes())
            }
            _ => self.bracketed_key(false)?,
        };
        constructor.members = constructor.members.saturating_add(1);
        self.expect(&Token::Symbol('='))?;
        let member = self.function.index(constructor.table, &mut key)?;
        let mut value = self.expression()?;
        self.function.store(&member, &mut value)?;
        self.function.free = free;
        Ok(())
    }

    /// Puts the element that was read last into a register, and a full batch into the table.
    fn close_element(&mut self, constructor: &mut Constructor) -> Result<(), CompileError> {
        if matches!(constructor.last.kind, Kind::Void) {
            return Ok(());
        }
        self.function.next_register(&mut constructor.last)?;
        constructor.last = Exp::new(Kind::Void);
        if constructor.waiting == BATCH {
            self.store_batch(constructor, Some(BATCH));
        }
        Ok(())
    }

    fn close_last(&mut self, constructor: &mut Constructor) -> Result<(), CompileError> {
        if constructor.waiting == 0 {
            return Ok(());
        }
        if constructor.last.has_many_values() {
            self.function.set_results(&constructor.last, None)?;
            self.store_batch(constructor, None);
            // How many there will be is not known here.
            constructor.stored = constructor.stored.saturating_sub(1);
        } else {
            if !matches!(constructor.last.kind, Kind::Void) {
                self.function.next_register(&mut constructor.last)?;
            }
            self.store_batch(constructor, Some(constructor.waiting));
        }
        Ok(())
    }

    fn store_batch(&mut self, constructor: &mut Constructor, count: Option<u8>) {
        let Constructor { table, stored, .. } = *constructor;
        self.function.emit(Op::SetList { table, count, before: stored });
        self.function.free = table.saturating_add(1);
        constructor.stored = stored.saturating_add(u32::from(constructor.waiting));
        constructor.waiting = 0;
    }
}
