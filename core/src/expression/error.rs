use std::fmt;

/// Why a text is not a usable expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionError {
    /// What is wrong. It may quote the expression.
    pub message: String,
    /// In characters, from 1; 0 where the whole text is meant.
    pub column: usize,
    /// From 1.
    pub line: usize,
    /// What to write instead.
    pub help: Option<String>,
    /// Byte offset, until the source is at hand.
    at: usize,
}

impl ExpressionError {
    pub(super) fn new(at: usize, message: impl Into<String>) -> Self {
        Self { message: message.into(), column: 0, line: 1, help: None, at }
    }

    pub(super) fn with_help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Computes line and column.
    pub(super) fn in_source(mut self, source: &str) -> Self {
        let before = source.get(..self.at).unwrap_or(source);
        self.line = before.matches('\n').count() + 1;
        self.column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        self
    }
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 1 {
            write!(f, "line {}, ", self.line)?;
        }
        write!(f, "column {}: {}", self.column, self.message)
    }
}

impl std::error::Error for ExpressionError {}

/// Why an evaluation gave no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The expression needs something that this request does not have: a key, a member of null, or an element beyond the end of
    /// a list. A condition takes it for false. The text names what is missing.
    Missing(String),
    /// Anything else: wrong types, a division by zero, a conversion that fails, the [`Budget`](crate::context::Budget) spent.
    /// The request must fail.
    Error(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(what) => write!(f, "{what} is missing"),
            Self::Error(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Failure {}
