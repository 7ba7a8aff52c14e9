//! Bounds on a module's text, so that reading it takes little time and no more stack than a Wasm instance has. The library's parser
//! bounds some kinds of nesting only, and reads the inner of two brackets twice.

use std::num::NonZeroU32;

use regorus::unstable::{Lexer, Source, Token, TokenKind};

use super::error::ModuleError;
use super::{MAX_DEPTH, MAX_LENGTH};

/// How often brackets may be read, where the outermost count once, those in them twice, those in these four times.
const MAX_READINGS: usize = 4096;

/// # Errors
/// The first place where the module is more than its bounds allow, or cannot be told into words.
pub(super) fn check(source: &Source) -> Result<(), ModuleError> {
    if let Some(c) = source.contents().chars().find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        // The library takes a NUL for the end.
        return Err(ModuleError::new(format!("the module has a control character, {:?}", c)));
    }
    let mut lexer = Lexer::new(source);
    lexer.set_max_col(widest());
    let mut scan = Scan { outer: Vec::new(), group: Group::default(), line: 0, readings: 0 };
    loop {
        let token = lexer.next_token().map_err(|error| ModuleError::of(&error, source.contents()))?;
        if token.0 == TokenKind::Eof {
            return Ok(());
        }
        scan.read(&token)?;
    }
}

/// The library bounds lines too; here the module's length does.
pub(super) fn widest() -> NonZeroU32 {
    u32::try_from(MAX_LENGTH * 16).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MAX)
}

struct Scan {
    /// What was read before each bracket that is open, since the bracket around it.
    outer: Vec<Group>,
    group: Group,
    /// Of the token before.
    line: u32,
    readings: usize,
}

/// An expression as far as it has been read. Each operator and each link of a reference can be a level of its tree.
#[derive(Default)]
struct Group {
    operators: usize,
    links: usize,
    /// The token before was the end of a value.
    is_value: bool,
    /// Round brackets are read once.
    is_in_round: bool,
}

impl Scan {
    fn read(&mut self, token: &Token) -> Result<(), ModuleError> {
        let Token(kind, span) = token;
        let is_new_line = span.line != std::mem::replace(&mut self.line, span.line);
        let text = if *kind == TokenKind::String || *kind == TokenKind::RawString { "\"" } else { span.text() };
        if matches!(text, ")" | "]" | "}") {
            self.group = self.outer.pop().unwrap_or_default();
            self.group.is_value = true;
            return Ok(());
        }
        let group = &mut self.group;
        match (kind, text) {
            (_, "(" | "[" | "set(" | "{") => {
                // Of a call or an index, unless a new statement begins.
                if std::mem::replace(&mut group.is_value, true) && (text == "(" || text == "[" && !is_new_line) {
                    group.links += 1;
                } else if is_new_line {
                    group.restart();
                }
                self.open(text);
            }
            (TokenKind::Symbol, ".") => group.links += 1,
            (TokenKind::Symbol, "," | ";" | ":" | "=" | ":=") => group.restart(),
            (TokenKind::Symbol, _) | (TokenKind::Ident, "in") => group.operator(),
            (TokenKind::Number, _) if group.is_value && text.starts_with('-') => {
                group.operator();
                group.is_value = true;
            }
            (TokenKind::Ident, "if" | "else" | "some" | "every" | "not" | "with" | "as" | "contains") => group.restart(),
            _ => {
                if group.is_value && is_new_line {
                    group.restart();
                }
                group.is_value = true;
            }
        }
        let depth: usize = self.outer.iter().chain([&self.group]).map(|group| 1 + group.operators + group.links).sum();
        if depth > MAX_DEPTH || self.readings > MAX_READINGS {
            let help = "give inner parts a name, in a rule or variable of their own";
            return Err(ModuleError::at(span, "the module is nested too deep here").with_help(help));
        }
        Ok(())
    }

    fn open(&mut self, bracket: &str) {
        let is_round = matches!(bracket, "(" | "set(");
        if !is_round {
            let around = self.outer.iter().filter(|group| !group.is_in_round).count();
            self.readings = self.readings.saturating_add(1 << around.min(16));
        }
        self.outer.push(std::mem::replace(&mut self.group, Group { is_in_round: is_round, ..Group::default() }));
    }
}

impl Group {
    /// Another expression begins.
    fn restart(&mut self) {
        (self.operators, self.links, self.is_value) = (0, 0, false);
    }

    fn operator(&mut self) {
        self.operators += 1;
        (self.links, self.is_value) = (0, false);
    }
}
