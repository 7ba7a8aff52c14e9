use postern_core::problem::Severity;

use crate::yaml::Place;

/// Something that is wrong, with its place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub place: Place,
    /// The path inside the document; empty for the whole document.
    pub path: String,
    pub severity: Severity,
    pub message: String,
    pub help: Option<String>,
}

impl Finding {
    pub fn error(place: &Place, path: &str, message: impl Into<String>) -> Self {
        Self { place: place.clone(), path: path.to_owned(), severity: Severity::Error, message: message.into(), help: None }
    }

    pub fn warning(place: &Place, path: &str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(place, path, message) }
    }

    #[must_use]
    pub fn with_help(mut self, help: Option<impl Into<String>>) -> Self {
        self.help = help.map(Into::into);
        self
    }
}
