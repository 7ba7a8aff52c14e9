use std::fmt;

use cel::ExecutionError;

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

/// Why an evaluation gave no value although nothing was missing: wrong types, a division by zero, a conversion that fails, the
/// [`Budget`](crate::context::Budget) spent. The request must fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(pub(super) String);

impl Failure {
    /// The text is for the log, and must hold no value of a request.
    #[cfg(feature = "rego")]
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }

    /// Names the types of values that do not fit, never the values: they are the caller's, and may be large or secret.
    pub(super) fn of(error: &ExecutionError) -> Self {
        Self(match error {
            ExecutionError::UnsupportedBinaryOperator(operator, a, b) => {
                format!("`{operator}` does not take {} and {}", a.type_of(), b.type_of())
            }
            ExecutionError::ValuesNotComparable(a, b) => format!("{} cannot be compared with {}", a.type_of(), b.type_of()),
            ExecutionError::UnsupportedIndex(index, of) => format!("{} cannot be an index of {}", index.type_of(), of.type_of()),
            ExecutionError::UnsupportedKeyType(key) => format!("{} cannot be a key", key.type_of()),
            ExecutionError::DuplicateKey(_) => "a map has the same key twice".to_owned(),
            ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => "division by zero".to_owned(),
            ExecutionError::Overflow(operator, ..) => format!("the result of `{operator}` is out of range"),
            ExecutionError::FunctionError { function, message } => format!("{function}: {message}"),
            ExecutionError::NoSuchOverload(error) => error.to_string(),
            ExecutionError::UnexpectedType { got, want } => format!("{want} is needed, not {got}"),
            _ => "the expression cannot be evaluated".to_owned(),
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}
