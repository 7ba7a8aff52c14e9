use super::escape::unescape;
use crate::expression::error::ExpressionError;

/// A token and the byte offset at which it starts.
pub(super) type Spanned<'s> = (Token<'s>, usize);

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'s> {
    Name(&'s str),
    /// Digits, or `0x` and hexadecimal digits.
    Int(&'s str),
    /// The same, without the `u` at the end.
    Uint(&'s str),
    Double(&'s str),
    Text(String),
    Bytes(Vec<u8>),
    Symbol(&'static str),
    End,
}

/// Longer symbols first.
const SYMBOLS: [&str; 24] =
    ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ",", ".", "(", ")", "[", "]", "{", "}"];

/// All tokens; the last one is [`Token::End`].
pub(super) fn tokens(source: &str) -> Result<Vec<Spanned<'_>>, ExpressionError> {
    let mut lexer = Lexer { source, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_space();
        let start = lexer.at;
        let token = lexer.token()?;
        let last = token == Token::End;
        tokens.push((token, start));
        if last {
            return Ok(tokens);
        }
    }
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, length: usize) -> &'s str {
        let text = self.rest().get(..length).unwrap_or_default();
        self.at += text.len();
        text
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'s str {
        let rest = self.rest();
        self.take(rest.find(|c| !wanted(c)).unwrap_or(rest.len()))
    }

    fn skip_space(&mut self) {
        loop {
            self.take_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c'));
            if !self.rest().starts_with("//") {
                return;
            }
            self.take_while(|c| c != '\n');
        }
    }

    fn token(&mut self) -> Result<Token<'s>, ExpressionError> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(Token::End) };
        if let Some(length) = quoted_prefix(rest) {
            return self.quoted(length);
        }
        if first.is_ascii_alphabetic() || first == '_' {
            return Ok(Token::Name(self.take_while(|c| c.is_ascii_alphanumeric() || c == '_')));
        }
        let fraction = first == '.' && rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
        if first.is_ascii_digit() || fraction {
            return Ok(self.number());
        }
        for symbol in SYMBOLS {
            if rest.starts_with(symbol) {
                self.take(symbol.len());
                return Ok(Token::Symbol(symbol));
            }
        }
        Err(match first {
            '=' => ExpressionError::new(self.at, "a single '=' is not an operator").with_help("compare with =="),
            '&' | '|' => ExpressionError::new(self.at, format!("a single '{first}' is not an operator")).with_help("write && or ||"),
            '`' => ExpressionError::new(self.at, "quoted identifiers are not supported").with_help("write x[\"name\"]"),
            _ => ExpressionError::new(self.at, format!("unexpected character {first:?}")),
        })
    }

    fn number(&mut self) -> Token<'s> {
        let start = self.at;
        if self.rest().starts_with("0x") || self.rest().starts_with("0X") {
            self.take(2);
            self.take_while(|c| c.is_ascii_hexdigit());
        } else {
            self.take_while(|c| c.is_ascii_digit());
            let mut double = false;
            let bytes = self.rest().as_bytes();
            if bytes.first() == Some(&b'.') && bytes.get(1).is_some_and(u8::is_ascii_digit) {
                double = true;
                self.take(1);
                self.take_while(|c| c.is_ascii_digit());
            }
            if let Some(length) = exponent_prefix(self.rest()) {
                double = true;
                self.take(length);
                self.take_while(|c| c.is_ascii_digit());
            }
            if double {
                return Token::Double(self.since(start));
            }
        }
        let digits = self.since(start);
        if self.rest().starts_with(['u', 'U']) {
            self.take(1);
            return Token::Uint(digits);
        }
        Token::Int(digits)
    }

    fn since(&self, start: usize) -> &'s str {
        self.source.get(start..self.at).unwrap_or_default()
    }

    /// A literal whose prefix (`b`, `r`, `br` or nothing) has this length.
    fn quoted(&mut self, prefix: usize) -> Result<Token<'s>, ExpressionError> {
        let start = self.at;
        let prefix = self.take(prefix).to_ascii_lowercase();
        let (raw, bytes) = (prefix.contains('r'), prefix.contains('b'));
        let mark = self.rest().get(..1).unwrap_or_default();
        let triple = mark.repeat(3);
        let quote = if self.rest().starts_with(&triple) { triple.as_str() } else { mark };
        self.take(quote.len());
        let content = self.at;
        loop {
            let rest = self.rest();
            match rest.chars().next() {
                Some(_) if rest.starts_with(quote) => break,
                Some('\\') if !raw => drop(self.take(1 + rest.chars().nth(1).map_or(0, char::len_utf8))),
                Some('\n' | '\r') if quote.len() == 1 => return Err(ExpressionError::new(start, "the text does not end on its line")),
                Some(c) => drop(self.take(c.len_utf8())),
                None => return Err(ExpressionError::new(start, "the text has no closing quote")),
            }
        }
        let content = self.since(content);
        self.take(quote.len());
        let value = if raw { Ok(content.as_bytes().to_vec()) } else { unescape(content, bytes) };
        let value = value.map_err(|message| ExpressionError::new(start, message))?;
        if bytes {
            return Ok(Token::Bytes(value));
        }
        String::from_utf8(value).map(Token::Text).map_err(|_| ExpressionError::new(start, "the text is not UTF-8"))
    }
}

/// The length of a literal's prefix, if a literal starts here.
fn quoted_prefix(text: &str) -> Option<usize> {
    let length = text.find(['"', '\''])?;
    ["", "b", "r", "br"].contains(&text.get(..length)?.to_ascii_lowercase().as_str()).then_some(length)
}

/// The length of `e`, `e+` or `e-`, if digits follow it.
fn exponent_prefix(text: &str) -> Option<usize> {
    let after = text.strip_prefix(['e', 'E'])?;
    let digits = after.strip_prefix(['+', '-']).unwrap_or(after);
    digits.starts_with(|c: char| c.is_ascii_digit()).then_some(text.len() - digits.len())
}
