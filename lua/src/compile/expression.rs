use super::Compiler;
use super::exp::{Exp, Kind};
use super::operator::{Binary, UNARY_PRIORITY, Unary};
use super::token::{Keyword, Token};
use crate::op::{Op, Register};
use crate::script::{CompileError, UpvalueSource};

impl Compiler<'_> {
    pub(super) fn expression(&mut self) -> Result<Exp, CompileError> {
        self.sub_expression(0).map(|(exp, _)| exp)
    }

    /// Expressions with commas between them; all but the last are put into registers. Gives the last one and their number.
    pub(super) fn expression_list(&mut self) -> Result<(Exp, usize), CompileError> {
        let mut count = 1;
        let mut exp = self.expression()?;
        while self.accept(&Token::Symbol(','))? {
            self.function.next_register(&mut exp)?;
            exp = self.expression()?;
            count += 1;
        }
        Ok((exp, count))
    }

    /// An expression that is followed by calls and indexes, if any.
    pub(super) fn suffixed_expression(&mut self) -> Result<Exp, CompileError> {
        let mut exp = self.primary_expression()?;
        loop {
            match self.token {
                Token::Symbol('.') => self.field(&mut exp)?,
                Token::Symbol('[') => {
                    let table = self.function.any_register(&mut exp)?;
                    let mut key = self.bracketed_key(true)?;
                    exp = self.function.index(table, &mut key)?;
                }
                Token::Symbol(':') => {
                    self.advance()?;
                    let name = self.expect_name()?;
                    self.method(&mut exp, name)?;
                    exp = self.call_arguments(&exp)?;
                }
                Token::Symbol('(' | '{') | Token::Text(_) => {
                    self.function.next_register(&mut exp)?;
                    exp = self.call_arguments(&exp)?;
                }
                _ => return Ok(exp),
            }
        }
    }

    /// `.name` behind an expression.
    pub(super) fn field(&mut self, exp: &mut Exp) -> Result<(), CompileError> {
        let table = self.function.any_register(exp)?;
        self.advance()?;
        let name = self.expect_name()?;
        let mut key = self.string_expression(name.as_bytes());
        *exp = self.function.index(table, &mut key)?;
        Ok(())
    }

    /// `[key]`, as an index into something or in a constructor.
    pub(super) fn bracketed_key(&mut self, is_index: bool) -> Result<Exp, CompileError> {
        self.advance()?;
        if is_index && self.token == Token::Number(0.0) {
            let line = self.line;
            if *self.peek()? == Token::Symbol(']') {
                self.facts.zero_index.get_or_insert(line);
            }
        }
        let mut key = self.expression()?;
        self.function.settle(&mut key)?;
        self.expect(&Token::Symbol(']'))?;
        Ok(key)
    }

    pub(super) fn string_expression(&mut self, bytes: &[u8]) -> Exp {
        Exp::new(Kind::Constant(self.string_constant(bytes)))
    }

    /// A variable: of this function, of one around it, or global.
    pub(super) fn variable(&mut self, name: &str) -> Result<Exp, CompileError> {
        if let Some(register) = self.function.find_local(name) {
            return Ok(Exp::new(Kind::Local(register)));
        }
        let found = self.outer.iter().enumerate().rev().find_map(|(at, function)| Some((at, function.find_local(name)?)));
        match found {
            Some((at, register)) => self.upvalue(name, at, register).map(|index| Exp::new(Kind::Upvalue(index))),
            None => {
                let slot = u16::try_from(self.globals.add(name.as_bytes()));
                slot.map(|slot| Exp::new(Kind::Global(slot))).map_err(|_| self.function.error("the script has too many globals"))
            }
        }
    }

    /// Hands a variable of an outer function down through all between.
    fn upvalue(&mut self, name: &str, at: usize, register: Register) -> Result<u8, CompileError> {
        let mut source = UpvalueSource::Local(register);
        for (depth, function) in self.outer.iter_mut().enumerate().skip(at) {
            if depth == at {
                function.capture(register);
            } else {
                source = UpvalueSource::Upvalue(function.upvalue(name, source)?);
            }
        }
        self.function.upvalue(name, source)
    }

    /// Reads operators that bind tighter than `limit`; gives the operator behind.
    fn sub_expression(&mut self, limit: u8) -> Result<(Exp, Option<Binary>), CompileError> {
        self.nested(|compiler| {
            let mut left = match Unary::of(&compiler.token) {
                Some(operator) => {
                    compiler.advance()?;
                    let (mut exp, _) = compiler.sub_expression(UNARY_PRIORITY)?;
                    compiler.function.prefix(operator, &mut exp)?;
                    exp
                }
                None => compiler.simple_expression()?,
            };
            let mut next = Binary::of(&compiler.token);
            while let Some(operator) = next.filter(|operator| operator.priority().0 > limit) {
                if operator == Binary::Concatenate {
                    (left, next) = compiler.concatenation(left)?;
                    continue;
                }
                compiler.advance()?;
                compiler.function.infix(operator, &mut left)?;
                let (right, behind) = compiler.sub_expression(operator.priority().1)?;
                left = compiler.function.postfix(operator, left, right)?;
                next = behind;
            }
            Ok((left, next))
        })
    }

    /// A chain of `..`: its values in a row of registers, joined by one instruction, which does not nest however long it is.
    fn concatenation(&mut self, mut exp: Exp) -> Result<(Exp, Option<Binary>), CompileError> {
        let (tight, _) = Binary::Concatenate.priority();
        let first = self.function.next_register(&mut exp)?;
        loop {
            self.advance()?;
            let (mut part, next) = self.sub_expression(tight)?;
            let last = self.function.next_register(&mut part)?;
            if next == Some(Binary::Concatenate) {
                continue;
            }
            self.function.free = first;
            let at = self.function.emit(Op::Concatenate { to: 0, first, last });
            return Ok((Exp::new(Kind::Relocatable(at)), next));
        }
    }

    fn simple_expression(&mut self) -> Result<Exp, CompileError> {
        let kind = match &self.token {
            Token::Number(number) => Kind::Number(*number),
            Token::Text(bytes) => {
                let bytes = bytes.clone();
                let exp = self.string_expression(&bytes);
                self.advance()?;
                return Ok(exp);
            }
            Token::Keyword(Keyword::Nil) => Kind::Nil,
            Token::Keyword(Keyword::True) => Kind::True,
            Token::Keyword(Keyword::False) => Kind::False,
            Token::Dots => {
                if !self.function.variadic {
                    return Err(self.error_near("cannot use '...' outside a vararg function"));
                }
                Kind::VarArg(self.function.emit(Op::VarArg { to: 0, count: Some(1) }))
            }
            Token::Symbol('{') => return self.table_constructor(),
            Token::Keyword(Keyword::Function) => {
                let line = self.line;
                self.advance()?;
                return self.function_body(false, line);
            }
            _ => return self.suffixed_expression(),
        };
        self.advance()?;
        Ok(Exp::new(kind))
    }

    fn primary_expression(&mut self) -> Result<Exp, CompileError> {
        match self.token {
            Token::Name(name) => {
                self.advance()?;
                self.variable(name)
            }
            Token::Symbol('(') => {
                let line = self.line;
                self.advance()?;
                let mut exp = self.expression()?;
                self.expect_match(&Token::Symbol(')'), &Token::Symbol('('), line)?;
                self.function.discharge(&mut exp);
                Ok(exp)
            }
            _ => Err(self.error_near("unexpected symbol")),
        }
    }
}
