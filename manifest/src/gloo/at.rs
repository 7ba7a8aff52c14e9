use postern_core::problem::Severity;

use crate::path;

/// A place in one of the documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    /// The document's number.
    pub document: usize,
    /// The path inside it.
    pub path: String,
}

impl At {
    pub fn of(document: usize) -> Self {
        Self { document, path: String::new() }
    }

    /// Of a field, or of fields below each other: `spec.config`.
    pub fn field(&self, fields: &str) -> Self {
        self.key_path(fields.split('.').fold(self.path.clone(), |path, name| path::field(&path, name)))
    }

    /// Of a key that the operator chose.
    pub fn key(&self, key: &str) -> Self {
        self.key_path(path::field(&self.path, key))
    }

    pub fn item(&self, index: usize) -> Self {
        self.key_path(path::item(&self.path, index))
    }

    fn key_path(&self, path: String) -> Self {
        Self { document: self.document, path }
    }
}

/// Something that is wrong with what documents mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub at: At,
    pub severity: Severity,
    pub message: String,
    pub help: Option<String>,
}

impl Found {
    pub fn error(at: &At, message: impl Into<String>) -> Self {
        Self { at: at.clone(), severity: Severity::Error, message: message.into(), help: None }
    }

    pub fn warning(at: &At, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(at, message) }
    }

    #[must_use]
    pub fn with_help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}
