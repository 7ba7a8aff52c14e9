//! From text to bytecode in one pass, in the manner of Lua 5.1: an expression stays open until it is known where its value goes.

mod assignment;
mod call;
mod discharge;
mod emit;
mod exp;
mod expression;
mod function;
mod lexer;
mod loops;
pub(crate) mod operator;
mod pool;
mod statement;
mod table;
mod token;

use std::sync::Arc;

use crate::op::Op;
use crate::script::{CompileError, Facts, Literal, Program, Prototype};
use function::FunctionState;
use lexer::Lexer;
use pool::Pool;
use token::{Keyword, Token};

/// How deep blocks, functions and expressions may nest in each other. It keeps the compiler, which recurses, within any stack.
const MAX_DEPTH: u32 = 100;

pub(crate) fn compile(source: &str) -> Result<Program, CompileError> {
    let mut compiler = Compiler::new(source);
    compiler.advance()?;
    compiler.function.variadic = true;
    compiler.chunk()?;
    if compiler.token != Token::End {
        return Err(compiler.expected(&Token::End));
    }
    let main = std::mem::replace(&mut compiler.function, FunctionState::new(0)).finish();
    if let Some(slot) = compiler.functions.first_mut() {
        *slot = main;
    }
    Ok(compiler.program())
}

struct Compiler<'s> {
    lexer: Lexer<'s>,
    token: Token<'s>,
    /// The text of the token, and the line where it ends.
    text: &'s str,
    line: u32,
    ahead: Option<(Token<'s>, &'s str, u32)>,
    function: FunctionState,
    /// The functions around it, the outermost first.
    outer: Vec<FunctionState>,
    functions: Vec<Prototype>,
    strings: Pool,
    globals: Pool,
    facts: Facts,
    depth: u32,
}

impl<'s> Compiler<'s> {
    fn new(source: &'s str) -> Self {
        Self {
            lexer: Lexer::new(source),
            token: Token::End,
            text: "",
            line: 1,
            ahead: None,
            function: FunctionState::new(0),
            outer: Vec::new(),
            // A place for the script itself.
            functions: vec![FunctionState::new(0).finish()],
            strings: Pool::default(),
            globals: Pool::default(),
            facts: Facts::default(),
            depth: 0,
        }
    }

    fn program(self) -> Program {
        let globals: Vec<Box<str>> =
            self.globals.into_list().into_iter().map(|name| String::from_utf8_lossy(&name).into_owned().into_boxed_str()).collect();
        let mut facts = self.facts;
        for op in self.functions.iter().flat_map(|function| &function.code) {
            let (set, global) = match op {
                Op::GetGlobal { global, .. } => (&mut facts.globals_read, global),
                Op::SetGlobal { global, .. } => (&mut facts.globals_assigned, global),
                _ => continue,
            };
            if let Some(name) = globals.get(usize::from(*global)) {
                set.insert(name.clone());
            }
        }
        Program { functions: self.functions, strings: Arc::from(self.strings.into_list()), globals, facts }
    }

    /// Consumes the token, and reads the next one.
    fn advance(&mut self) -> Result<(), CompileError> {
        self.function.line = self.line;
        (self.token, self.text, self.line) = match self.ahead.take() {
            Some(ahead) => ahead,
            None => self.read()?,
        };
        Ok(())
    }

    /// The token after this one.
    fn peek(&mut self) -> Result<&Token<'s>, CompileError> {
        if self.ahead.is_none() {
            let ahead = self.read()?;
            self.ahead = Some(ahead);
        }
        Ok(self.ahead.as_ref().map_or(&Token::End, |(token, ..)| token))
    }

    fn read(&mut self) -> Result<(Token<'s>, &'s str, u32), CompileError> {
        let token = self.lexer.next()?;
        match &token {
            Token::Name(name) if !self.facts.names.contains(*name) => {
                self.facts.names.insert((*name).into());
            }
            Token::Text(bytes) => {
                self.facts.literals.push(Literal { bytes: bytes.clone(), line: self.lexer.start_line });
            }
            _ => {}
        }
        Ok((token, self.lexer.text(), self.lexer.line))
    }

    fn accept(&mut self, token: &Token<'_>) -> Result<bool, CompileError> {
        let found = self.token == *token;
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn accept_keyword(&mut self, keyword: Keyword) -> Result<bool, CompileError> {
        self.accept(&Token::Keyword(keyword))
    }

    fn expect(&mut self, token: &Token<'_>) -> Result<(), CompileError> {
        if self.accept(token)? { Ok(()) } else { Err(self.expected(token)) }
    }

    /// The end of what `opened` began in a line.
    fn expect_match(&mut self, token: &Token<'_>, opened: &Token<'_>, line: u32) -> Result<(), CompileError> {
        if self.token == *token {
            return self.advance();
        }
        if line == self.line {
            return Err(self.expected(token));
        }
        Err(self.error_near(&format!("'{}' expected (to close '{}' at line {line})", token.name(), opened.name())))
    }

    fn expect_name(&mut self) -> Result<&'s str, CompileError> {
        let Token::Name(name) = self.token else { return Err(self.expected(&Token::Name(""))) };
        self.advance()?;
        Ok(name)
    }

    fn expected(&self, token: &Token<'_>) -> CompileError {
        self.error_near(&format!("'{}' expected", token.name()))
    }

    fn error_near(&self, message: &str) -> CompileError {
        let near = match &self.token {
            Token::Name(_) | Token::Number(_) | Token::Text(_) => self.text.to_owned(),
            other => other.name(),
        };
        CompileError { line: self.line, message: format!("{message} near '{near}'") }
    }

    /// Runs something that nests.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T, CompileError>) -> Result<T, CompileError> {
        if self.depth >= MAX_DEPTH {
            return Err(CompileError { line: self.line, message: format!("more than {MAX_DEPTH} levels of nesting") });
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    /// A string as a constant of the function.
    fn string_constant(&mut self, bytes: &[u8]) -> u32 {
        let id = self.strings.add(bytes);
        self.function.string_constant(crate::value::StringId(id))
    }
}
