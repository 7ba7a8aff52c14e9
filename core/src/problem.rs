//! What is wrong with a set of resources. A compiler reports every problem it finds and goes on; nothing is published while one
//! of them is an error.

use std::fmt;

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The place inside the document, such as `spec.authorization.inlinePolicies[0].spec.rules[1].condition.match`; empty for the
    /// whole document.
    pub path: String,
    pub severity: Severity,
    /// What is wrong, for the operator. It may quote what the operator wrote, except secrets.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// Whether the document can be used nevertheless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Warning,
    Error,
}

/// Collects problems together with the path at which they arise.
///
/// ```
/// use postern_core::problem::Problems;
///
/// let mut problems = Problems::new();
/// problems.at("spec", |p| p.at("rules", |p| p.at_index(1, |p| p.error("the condition is missing"))));
/// assert_eq!(problems.iter().next().map(|p| p.path.as_str()), Some("spec.rules[1]"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Problems {
    path: String,
    list: Vec<Problem>,
}

impl Problems {
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs `inner` with the path extended by a field, or by a map key: `spec.labels["a.b"]`.
    pub fn at<T>(&mut self, field: &str, inner: impl FnOnce(&mut Self) -> T) -> T {
        let segment = match (is_plain(field), self.path.is_empty()) {
            (true, true) => field.to_owned(),
            (true, false) => format!(".{field}"),
            (false, _) => format!("[{field:?}]"),
        };
        self.within(&segment, inner)
    }

    /// Runs `inner` with the path extended by one field after the other, none of them a map's key.
    pub fn at_fields<T>(&mut self, fields: &[&str], inner: impl FnOnce(&mut Self) -> T) -> T {
        let dot = if self.path.is_empty() { "" } else { "." };
        self.within(&format!("{dot}{}", fields.join(".")), inner)
    }

    /// Runs `inner` with the path extended by a list index.
    pub fn at_index<T>(&mut self, index: usize, inner: impl FnOnce(&mut Self) -> T) -> T {
        self.within(&format!("[{index}]"), inner)
    }

    /// Runs `inner` and keeps what it reports apart; the paths are whole.
    pub fn aside<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> (T, Self) {
        let known = self.list.len();
        let result = inner(self);
        (result, Self { path: String::new(), list: self.list.split_off(known) })
    }

    /// Reports what forbids the use of the document.
    pub fn error(&mut self, message: impl Into<String>) {
        self.push(Severity::Error, message.into(), None);
    }

    pub fn error_with_help(&mut self, message: impl Into<String>, help: impl Into<String>) {
        self.push(Severity::Error, message.into(), Some(help.into()));
    }

    /// Reports what is allowed and perhaps not meant.
    pub fn warning(&mut self, message: impl Into<String>) {
        self.push(Severity::Warning, message.into(), None);
    }

    pub fn warning_with_help(&mut self, message: impl Into<String>, help: impl Into<String>) {
        self.push(Severity::Warning, message.into(), Some(help.into()));
    }

    /// Takes over problems whose paths are whole already.
    pub fn extend(&mut self, problems: impl IntoIterator<Item = Problem>) {
        self.list.extend(problems);
    }

    /// Whether one of the problems forbids the use of the resources.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|problem| problem.severity == Severity::Error)
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// In the order in which they were reported.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.list.iter()
    }

    pub fn into_vec(self) -> Vec<Problem> {
        self.list
    }

    fn within<T>(&mut self, segment: &str, inner: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        self.path.push_str(segment);
        let result = inner(self);
        self.path.truncate(length);
        result
    }

    fn push(&mut self, severity: Severity, message: String, help: Option<String>) {
        self.list.push(Problem { path: self.path.clone(), severity, message, help });
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        write!(f, "{severity}: ")?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

fn is_plain(field: &str) -> bool {
    !field.is_empty() && field.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

#[cfg(test)]
mod tests {
    use crate::testing::test;

    use super::*;

    #[test]
    fn the_path_follows_the_nesting() {
        let mut problems = Problems::new();
        problems.warning("whole document");
        problems.at("spec", |p| {
            p.at("rules", |p| p.at_index(1, |p| p.at("condition", |p| p.error_with_help("no key", "write matchAny: true"))));
            p.at("labels", |p| p.at("a.b", |p| p.error("odd key")));
        });
        let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
        assert_eq!(
            lines,
            [
                "warning: whole document",
                "error: spec.rules[1].condition: no key (write matchAny: true)",
                "error: spec.labels[\"a.b\"]: odd key",
            ]
        );
    }

    #[test]
    fn a_warning_forbids_nothing() {
        let mut problems = Problems::new();
        problems.warning("w");
        assert!(!problems.has_errors());
        problems.error("e");
        assert!(problems.has_errors());
    }
}
