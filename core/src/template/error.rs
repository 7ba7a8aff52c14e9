use std::fmt;

/// What is wrong with a template's source, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileError {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    pub message: String,
}

impl CompileError {
    /// `at` is an offset in bytes.
    pub(super) fn new(source: &str, at: usize, message: impl Into<String>) -> Self {
        let before = source.get(..at).unwrap_or(source);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Self { line: before.matches('\n').count() + 1, column: line.chars().count() + 1, message: message.into() }
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for CompileError {}

/// Why a template could not be rendered. The text may name what stands in the template, and holds no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderError(pub String);

impl RenderError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    pub(super) fn not_found(name: &str) -> Self {
        Self(format!("variable '{name}' not found"))
    }
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RenderError {}
