//! From source to texts, words and signs.

use std::fmt;

use serde_json::{Number, Value};

use super::MAX_TOKENS;
use crate::json;
use crate::template::{CompileError, Options};

#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    Text(String),
    /// `{{`
    OpenPrint,
    /// `{%`, or `##` at the beginning of a line.
    OpenStatement,
    /// The end of either.
    Close,
    Word(String),
    Value(Value),
    Symbol(&'static str),
}

/// Longer ones come first.
const SYMBOLS: [&str; 16] = [">=", "<=", "==", "!=", ">", "<", "=", "+", "-", "*", "/", "%", "^", "(", ")", ","];
/// Values in one literal.
const MAX_VALUES: usize = 1000;

pub fn lex(source: &str, options: Options) -> Result<Vec<(usize, Token)>, CompileError> {
    let mut lexer = Lexer { source, at: 0, tokens: Vec::new() };
    while lexer.at < source.len() {
        lexer.text(options.line_statements)?;
    }
    Ok(lexer.tokens)
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
    tokens: Vec<(usize, Token)>,
}

impl<'s> Lexer<'s> {
    /// Text up to the next opening, and what that opens.
    fn text(&mut self, line_statements: bool) -> Result<(), CompileError> {
        let start = self.at;
        let Some((at, opening)) = self.find_opening(line_statements) else {
            self.push_text(start, self.rest())?;
            self.at = self.source.len();
            return Ok(());
        };
        let text = self.source.get(start..at).unwrap_or_default();
        self.at = at + opening.len();
        let trims = opening != "##" && self.takes("-");
        self.push_text(start, if trims { without_indent(text) } else { text })?;
        match opening {
            "{#" => self.comment(at),
            "{{" => self.block(at, Token::OpenPrint, "}}"),
            "{%" => self.block(at, Token::OpenStatement, "%}"),
            _ => self.block(at, Token::OpenStatement, "\n"),
        }
    }

    fn find_opening(&self, line_statements: bool) -> Option<(usize, &'static str)> {
        let mut from = self.at;
        while let Some(found) = self.source.get(from..)?.find(['{', '#']) {
            let at = from + found;
            let rest = self.source.get(at..)?;
            let opening = ["{{", "{%", "{#"].into_iter().find(|opening| rest.starts_with(opening));
            if opening.is_some() {
                return opening.map(|opening| (at, opening));
            }
            if line_statements && rest.starts_with("##") && (at == 0 || self.source.as_bytes().get(at - 1) == Some(&b'\n')) {
                return Some((at, "##"));
            }
            from = at + 1;
        }
        None
    }

    fn comment(&mut self, opened: usize) -> Result<(), CompileError> {
        let Some(length) = self.rest().find("#}") else { return Err(self.error_at(opened, "this comment has no end `#}`")) };
        let trims = self.rest().get(..length).is_some_and(|comment| comment.ends_with('-'));
        self.at += length + 2;
        self.trim_after(trims);
        Ok(())
    }

    /// Tokens up to the closing.
    fn block(&mut self, opened: usize, opening: Token, close: &str) -> Result<(), CompileError> {
        self.push(opened, opening)?;
        let first = self.tokens.len();
        loop {
            let blank = self.rest().find(|character: char| !(character == '\n' && close != "\n" || matches!(character, ' ' | '\t' | '\r')));
            self.at = blank.map_or(self.source.len(), |blank| self.at + blank);
            let at = self.at;
            let trims = close != "\n" && self.rest().strip_prefix('-').is_some_and(|rest| rest.starts_with(close));
            if trims || self.rest().starts_with(close) {
                self.at += usize::from(trims) + close.len();
                self.trim_after(trims);
                return self.push(at, Token::Close);
            }
            if self.rest().is_empty() {
                // The last line needs no end.
                return if close == "\n" {
                    self.push(at, Token::Close)
                } else {
                    Err(self.error_at(opened, format!("this has no end `{close}`")))
                };
            }
            let token = self.token(self.tokens.len() > first)?;
            self.push(at, token)?;
        }
    }

    fn token(&mut self, may_follow: bool) -> Result<Token, CompileError> {
        let (start, rest) = (self.at, self.rest());
        let first = rest.chars().next().unwrap_or_default();
        if first.is_ascii_alphabetic() || first == '_' {
            let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "._-/".contains(c))).unwrap_or(rest.len());
            self.at += length;
            return Ok(Token::Word(rest.get(..length).unwrap_or_default().to_owned()));
        }
        let negative = first == '-' && rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
        if first.is_ascii_digit() || negative && !(may_follow && self.follows_operand()) {
            return self.number();
        }
        match first {
            '"' => {
                let text = self.quoted(start)?;
                let value = serde_json::from_str(text).map_err(|_| self.error_at(start, "this is no string: it is written as in JSON"))?;
                return Ok(Token::Value(Value::String(value)));
            }
            '[' | '{' => return self.literal(),
            '\'' => return Err(self.error_at(start, "strings stand in double quotes")),
            '|' => return Err(self.error_at(start, "there are no filters: functions are called, as in `upper(name)`")),
            '.' => {
                self.at += 1;
                return Ok(Token::Symbol("."));
            }
            _ => {}
        }
        let Some(symbol) = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) else {
            return Err(self.error_at(start, format!("{first:?} is not expected here")));
        };
        self.at += symbol.len();
        Ok(Token::Symbol(symbol))
    }

    /// Whether the last token is something that a minus subtracts from.
    fn follows_operand(&self) -> bool {
        match self.tokens.last() {
            Some((_, Token::Word(word))) => !matches!(word.as_str(), "and" | "or" | "not" | "in" | "if"),
            Some((_, Token::Value(_) | Token::Symbol(")"))) => true,
            _ => false,
        }
    }

    fn number(&mut self) -> Result<Token, CompileError> {
        let (start, rest) = (self.at, self.rest());
        let mut length = usize::from(rest.starts_with('-'));
        let mut last = ' ';
        for character in rest.chars().skip(length) {
            let is_sign_of_exponent = matches!(character, '+' | '-') && matches!(last, 'e' | 'E');
            if !(character.is_ascii_digit() || matches!(character, '.' | 'e' | 'E') || is_sign_of_exponent) {
                break;
            }
            length += 1;
            last = character;
        }
        self.at += length;
        let number = rest.get(..length).and_then(|text| serde_json::from_str::<Number>(text).ok());
        number.map(|number| Token::Value(Value::Number(number))).ok_or_else(|| self.error_at(start, "this is no number"))
    }

    /// A string with its quotes.
    fn quoted(&mut self, start: usize) -> Result<&'s str, CompileError> {
        let mut escaped = false;
        for (offset, byte) in self.source.bytes().enumerate().skip(start + 1) {
            match byte {
                b'"' if !escaped => {
                    self.at = offset + 1;
                    return Ok(self.source.get(start..self.at).unwrap_or_default());
                }
                byte => escaped = byte == b'\\' && !escaped,
            }
        }
        Err(self.error_at(start, "this string has no end"))
    }

    /// An array or an object of JSON.
    fn literal(&mut self) -> Result<Token, CompileError> {
        let start = self.at;
        let mut open = 0usize;
        while let Some(character) = self.rest().chars().next() {
            match character {
                '"' => {
                    self.quoted(self.at)?;
                    continue;
                }
                '[' | '{' => open += 1,
                ']' | '}' => open = open.saturating_sub(1),
                _ => {}
            }
            self.at += character.len_utf8();
            if open == 0 {
                let text = self.source.get(start..self.at).unwrap_or_default();
                let value = json::read_any(text.as_bytes(), MAX_VALUES);
                return value.map(Token::Value).map_err(|_| self.error_at(start, "this literal is no JSON: it has no variables in it"));
            }
        }
        Err(self.error_at(start, "this literal has no end"))
    }

    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn takes(&mut self, text: &str) -> bool {
        let is_next = self.rest().starts_with(text);
        self.at += if is_next { text.len() } else { 0 };
        is_next
    }

    fn trim_after(&mut self, trims: bool) {
        if trims {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        }
    }

    fn push_text(&mut self, at: usize, text: &str) -> Result<(), CompileError> {
        if text.is_empty() { Ok(()) } else { self.push(at, Token::Text(text.to_owned())) }
    }

    fn push(&mut self, at: usize, token: Token) -> Result<(), CompileError> {
        if self.tokens.len() == MAX_TOKENS {
            return Err(self.error_at(at, format!("a template has at most {MAX_TOKENS} parts")));
        }
        self.tokens.push((at, token));
        Ok(())
    }

    fn error_at(&self, at: usize, message: impl Into<String>) -> CompileError {
        CompileError::new(self.source, at, message)
    }
}

/// The text without its last line, if that is white space only.
fn without_indent(text: &str) -> &str {
    let trimmed = text.trim_end_matches([' ', '\t']);
    if trimmed.is_empty() || trimmed.ends_with(['\n', '\r']) { trimmed } else { text }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("text"),
            Self::OpenPrint => f.write_str("`{{`"),
            Self::OpenStatement => f.write_str("`{%`"),
            Self::Close => f.write_str("the end"),
            Self::Word(word) => write!(f, "`{word}`"),
            Self::Value(value) => write!(f, "`{value}`"),
            Self::Symbol(symbol) => write!(f, "`{symbol}`"),
        }
    }
}
