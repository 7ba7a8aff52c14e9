use super::token::{Keyword, Token};
use crate::number;
use crate::script::CompileError;

/// Cuts the text into tokens.
pub(super) struct Lexer<'s> {
    source: &'s str,
    at: usize,
    /// The line of what is read next.
    pub(super) line: u32,
    /// Where the token that was read last begins.
    start: usize,
    pub(super) start_line: u32,
}

impl<'s> Lexer<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        Self { source, at: 0, line: 1, start: 0, start_line: 1 }
    }

    pub(super) fn next(&mut self) -> Result<Token<'s>, CompileError> {
        self.skip_blank()?;
        self.start = self.at;
        self.start_line = self.line;
        let Some(c) = self.source.get(self.at..).and_then(|rest| rest.chars().next()) else { return Ok(Token::End) };
        let second = self.byte(1);
        Ok(match c {
            'a'..='z' | 'A'..='Z' | '_' => {
                let name = self.take_while(|b| b.is_ascii_alphanumeric() || b == b'_');
                Keyword::find(name).map_or(Token::Name(name), Token::Keyword)
            }
            '0'..='9' => self.number()?,
            '.' if second.is_some_and(|b| b.is_ascii_digit()) => self.number()?,
            '"' | '\'' => self.quoted(c)?,
            '[' => match self.long_bracket() {
                Some(level) => Token::Text(self.long_text(level, "string")?),
                None if second == Some(b'=') => return Err(self.error_near("invalid long string delimiter")),
                None => self.symbol(Token::Symbol('['), 1),
            },
            '=' if second == Some(b'=') => self.symbol(Token::Equal, 2),
            '~' if second == Some(b'=') => self.symbol(Token::NotEqual, 2),
            '<' if second == Some(b'=') => self.symbol(Token::LessOrEqual, 2),
            '>' if second == Some(b'=') => self.symbol(Token::GreaterOrEqual, 2),
            '.' if second == Some(b'.') && self.byte(2) == Some(b'.') => self.symbol(Token::Dots, 3),
            '.' if second == Some(b'.') => self.symbol(Token::Concatenate, 2),
            _ => self.symbol(Token::Symbol(c), c.len_utf8()),
        })
    }

    /// The text of the token that was read last, for messages.
    pub(super) fn text(&self) -> &'s str {
        self.source.get(self.start..self.at).unwrap_or_default()
    }

    fn error_near(&self, message: &str) -> CompileError {
        CompileError { line: self.line, message: format!("{message} near '{}'", self.text()) }
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.source.as_bytes().get(self.at + ahead).copied()
    }

    fn symbol(&mut self, token: Token<'s>, length: usize) -> Token<'s> {
        self.at += length;
        token
    }

    /// Only for ASCII, so that it ends at a boundary of characters.
    fn take_while(&mut self, accept: impl Fn(u8) -> bool) -> &'s str {
        let from = self.at;
        while self.byte(0).is_some_and(&accept) {
            self.at += 1;
        }
        self.source.get(from..self.at).unwrap_or_default()
    }

    fn skip_blank(&mut self) -> Result<(), CompileError> {
        while let Some(byte) = self.byte(0) {
            match byte {
                b'\n' | b'\r' => self.skip_line_break(),
                b' ' | b'\t' | 0x0b | 0x0c => self.at += 1,
                b'-' if self.byte(1) == Some(b'-') => {
                    self.start = self.at;
                    self.at += 2;
                    match self.long_bracket() {
                        Some(level) => {
                            self.long_text(level, "comment")?;
                        }
                        None => {
                            while self.byte(0).is_some_and(|b| b != b'\n' && b != b'\r') {
                                self.at += 1;
                            }
                        }
                    }
                }
                _ => break,
            }
        }
        Ok(())
    }

    /// A carriage return and a line feed, in either order, are one line break.
    fn skip_line_break(&mut self) {
        let first = self.byte(0);
        self.at += 1;
        if let Some(second @ (b'\n' | b'\r')) = self.byte(0)
            && Some(second) != first
        {
            self.at += 1;
        }
        self.line = self.line.saturating_add(1);
    }

    fn number(&mut self) -> Result<Token<'s>, CompileError> {
        self.take_while(|b| b.is_ascii_digit() || b == b'.');
        if matches!(self.byte(0), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(0), Some(b'+' | b'-')) {
                self.at += 1;
            }
        }
        self.take_while(|b| b.is_ascii_alphanumeric() || b == b'_');
        number::parse(self.text().as_bytes()).map(Token::Number).ok_or_else(|| self.error_near("malformed number"))
    }

    fn quoted(&mut self, quote: char) -> Result<Token<'s>, CompileError> {
        self.at += 1;
        let mut bytes = Vec::new();
        loop {
            match self.byte(0) {
                None => return Err(CompileError { line: self.line, message: "unfinished string near '<eof>'".to_owned() }),
                Some(b'\n' | b'\r') => return Err(self.error_near("unfinished string")),
                Some(b'\\') => {
                    self.at += 1;
                    self.escape(&mut bytes)?;
                }
                Some(byte) => {
                    self.at += 1;
                    if char::from(byte) == quote {
                        return Ok(Token::Text(bytes));
                    }
                    bytes.push(byte);
                }
            }
        }
    }

    /// What follows a backslash.
    fn escape(&mut self, bytes: &mut Vec<u8>) -> Result<(), CompileError> {
        // At the end of the text the string is unfinished, which its reader says.
        let Some(byte) = self.byte(0) else { return Ok(()) };
        match byte {
            b'\n' | b'\r' => {
                bytes.push(b'\n');
                self.skip_line_break();
                return Ok(());
            }
            b'0'..=b'9' => {
                let mut value = 0_u32;
                for _ in 0..3 {
                    let Some(digit @ b'0'..=b'9') = self.byte(0) else { break };
                    value = value * 10 + u32::from(digit - b'0');
                    self.at += 1;
                }
                bytes.push(u8::try_from(value).map_err(|_| self.error_near("escape sequence too large"))?);
                return Ok(());
            }
            _ => {}
        }
        bytes.push(match byte {
            b'a' => 0x07,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 0x0b,
            other => other,
        });
        self.at += 1;
        Ok(())
    }

    /// The level of a long bracket that opens here: 0 for `[[`, 1 for `[=[`, and so on. It is not consumed.
    fn long_bracket(&self) -> Option<usize> {
        if self.byte(0) != Some(b'[') {
            return None;
        }
        let level = self.source.as_bytes().get(self.at + 1..)?.iter().take_while(|b| **b == b'=').count();
        (self.byte(level + 1) == Some(b'[')).then_some(level)
    }

    fn long_text(&mut self, level: usize, what: &str) -> Result<Vec<u8>, CompileError> {
        self.at += level + 2;
        if matches!(self.byte(0), Some(b'\n' | b'\r')) {
            self.skip_line_break();
        }
        let mut bytes = Vec::new();
        loop {
            match self.byte(0) {
                None => {
                    return Err(CompileError { line: self.line, message: format!("unfinished long {what} near '<eof>'") });
                }
                Some(b'\n' | b'\r') => {
                    bytes.push(b'\n');
                    self.skip_line_break();
                }
                Some(b']') if self.closes(level) => {
                    self.at += level + 2;
                    return Ok(bytes);
                }
                Some(byte) => {
                    bytes.push(byte);
                    self.at += 1;
                }
            }
        }
    }

    fn closes(&self, level: usize) -> bool {
        self.byte(level + 1) == Some(b']') && (1..=level).all(|ahead| self.byte(ahead) == Some(b'='))
    }
}
