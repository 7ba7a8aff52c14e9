//! What must be known of a source before and after the crate parses it: that neither the parser's recursion nor that of the
//! tree which it makes can overflow a small stack, and where a name stands, as the tree does not tell.

use cel::parser::pratt_parser::{Lexer, Token, TokenKind};

use super::error::ExpressionError;
use super::{MAX_DEPTH, MAX_LENGTH};

pub(super) struct Tokens<'s> {
    source: &'s str,
    /// Up to the first that is none; without spaces and comments.
    tokens: Vec<Token>,
}

/// What to find in a source.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sought<'n> {
    /// A variable or the first part of a dotted name.
    Name(&'n str),
    /// A name after a dot.
    Member(&'n str),
    /// The text of a literal.
    Text(&'n str),
}

impl<'s> Tokens<'s> {
    /// # Errors
    /// When the source is too long or nested too deep, or assigns.
    pub fn read(source: &'s str) -> Result<Self, ExpressionError> {
        if source.len() > MAX_LENGTH && source.chars().count() > MAX_LENGTH {
            return Err(ExpressionError::new(0, format!("the expression is longer than {MAX_LENGTH} characters")));
        }
        let mut lexer = Lexer::new(source);
        let mut tokens = Vec::new();
        loop {
            let token = lexer.lex();
            match token.kind {
                TokenKind::TokEnd | TokenKind::TokError => break,
                TokenKind::TokWhitespace | TokenKind::TokComment => {}
                TokenKind::TokEqual => {
                    return Err(ExpressionError::new(token.start, "a single '=' is not an operator").with_help("compare with =="));
                }
                _ => tokens.push(token),
            }
        }
        check_depth(&tokens)?;
        Ok(Self { source, tokens })
    }

    /// The byte where the first such token begins; the beginning of the source when there is none.
    pub fn find(&self, sought: Sought<'_>) -> usize {
        let mut after_dot = false;
        for token in &self.tokens {
            let text = self.source.get(token.start..token.end).unwrap_or_default();
            let found = match sought {
                Sought::Name(name) => !after_dot && text == name,
                Sought::Member(name) => after_dot && text == name,
                Sought::Text(literal) => token.kind == TokenKind::TokString && text.contains(literal),
            };
            if found {
                return token.start;
            }
            after_dot = token.kind == TokenKind::TokDot;
        }
        0
    }
}

/// How deep the tree of what stands between two brackets is, at least as deep as it will be parsed.
#[derive(Default)]
struct Level {
    /// Of the operand or chain that is being read.
    height: usize,
    /// The greatest of all operands so far.
    highest: usize,
    /// Operands of `&&` and `||`, of which the parser makes balanced trees.
    terms: usize,
    /// Each `?` nests what follows.
    choices: usize,
}

impl Level {
    fn end_operand(&mut self) {
        self.highest = self.highest.max(self.height);
        self.height = 0;
    }

    fn depth(&self) -> usize {
        let balanced = (usize::BITS - self.terms.leading_zeros()) as usize;
        self.highest.max(self.height) + balanced + self.choices
    }
}

fn check_depth(tokens: &[Token]) -> Result<(), ExpressionError> {
    let mut outer: Vec<Level> = Vec::new();
    let mut level = Level::default();
    for token in tokens {
        match token.kind {
            TokenKind::TokLeftParen | TokenKind::TokLeftBracket | TokenKind::TokLeftBrace => outer.push(std::mem::take(&mut level)),
            TokenKind::TokRightParen | TokenKind::TokRightBracket | TokenKind::TokRightBrace => {
                let inner = level.depth();
                level = outer.pop().unwrap_or_default();
                level.height = level.height.max(inner) + 1;
            }
            TokenKind::TokComma => level.end_operand(),
            TokenKind::TokLogicalAnd | TokenKind::TokLogicalOr => {
                level.end_operand();
                level.terms += 1;
            }
            TokenKind::TokQuestion => {
                level.end_operand();
                level.choices += 1;
            }
            TokenKind::TokColon => level.end_operand(),
            _ if is_operand(token.kind) => {}
            _ => level.height += 1,
        }
        if outer.len() + level.depth() > MAX_DEPTH {
            return Err(ExpressionError::new(token.start, format!("the expression is nested more than {MAX_DEPTH} deep")));
        }
    }
    Ok(())
}

fn is_operand(kind: TokenKind) -> bool {
    use TokenKind as T;
    let literal = matches!(kind, T::TokNull | T::TokFalse | T::TokTrue | T::TokInt | T::TokUint | T::TokFloat | T::TokString | T::TokBytes);
    literal || matches!(kind, T::TokIdent | T::TokReservedWord)
}
