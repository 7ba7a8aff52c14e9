//! From source to a tree. Depth and number of parts are bounded here, so that nothing that walks the tree can overflow a stack.

mod expression;
mod lex;
mod reads;
mod statement;

use std::collections::BTreeSet;

pub use reads::Reads;

use super::node::Node;
use super::{CompileError, Options};
use lex::{Token, lex};

/// Parts of a template: texts, words, signs.
const MAX_TOKENS: usize = 20_000;
/// Blocks inside of blocks.
const MAX_BLOCKS: usize = 32;
/// Operations inside of operations.
const MAX_OPERATIONS: usize = 64;

/// Reads the whole source.
///
/// # Errors
/// The first mistake.
pub fn parse(source: &str, options: Options) -> Result<(Vec<Node>, Reads), CompileError> {
    let tokens = lex(source, options)?;
    let mut parser = Parser {
        source,
        options,
        tokens,
        at: 0,
        loops: Vec::new(),
        set: BTreeSet::new(),
        blocks: 0,
        nesting: 0,
        ended: 0,
        reads: Reads::default(),
    };
    let nodes = parser.whole()?;
    Ok((nodes, parser.reads))
}

struct Parser<'s> {
    source: &'s str,
    options: Options,
    tokens: Vec<(usize, Token)>,
    at: usize,
    /// Names of the loops around.
    loops: Vec<String>,
    /// Names that are set for sure before this place.
    set: BTreeSet<String>,
    blocks: usize,
    nesting: usize,
    /// Where the last block ended.
    ended: usize,
    reads: Reads,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    /// Where the next token stands.
    fn place(&self) -> usize {
        self.tokens.get(self.at).map_or(self.source.len(), |(at, _)| *at)
    }

    fn advance(&mut self) -> Option<Token> {
        let token = self.tokens.get_mut(self.at).map(|(_, token)| std::mem::replace(token, Token::Close))?;
        self.at += 1;
        Some(token)
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Some(Token::Symbol(found)) if *found == symbol)
    }

    fn takes_symbol(&mut self, symbol: &str) -> bool {
        let is_next = self.is_symbol(symbol);
        self.at += usize::from(is_next);
        is_next
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let is_next = matches!(self.peek(), Some(Token::Word(found)) if found == word);
        self.at += usize::from(is_next);
        is_next
    }

    fn error<T>(&self, message: impl Into<String>) -> Result<T, CompileError> {
        Err(CompileError::new(self.source, self.place(), message))
    }

    /// The end of a statement or an interpolation.
    fn close(&mut self) -> Result<(), CompileError> {
        match self.peek() {
            Some(Token::Close) => {
                self.at += 1;
                Ok(())
            }
            Some(Token::Value(value)) if value.is_array() => self.error("an item is named by its index: `list.0`, or `at(list, 0)`"),
            Some(token) => self.error(format!("{token} is not expected here")),
            None => self.error("the template ends in the middle of this"),
        }
    }
}
