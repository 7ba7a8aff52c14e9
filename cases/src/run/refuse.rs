use std::fmt;

use serde::Deserialize;

use crate::canary::Canaries;
use crate::format::{Case, Refusal};
use crate::matching::{Mismatches, matches};

/// What is wrong with the resources, and where.
#[derive(Debug, Deserialize)]
pub(super) struct Problem {
    pub file: Option<String>,
    /// 0 for a whole file.
    pub line: usize,
    pub path: String,
    pub severity: String,
    pub message: String,
    pub help: Option<String>,
}

/// Compares the problems of a case's resources with what it expects of them. Problems that it does not expect are mismatches.
pub(super) fn compare(case: &Case, problems: &[Problem], canaries: &Canaries, out: &mut Mismatches) {
    let (errors, warnings): (Vec<_>, Vec<_>) = problems.iter().partition(|problem| problem.severity == "error");
    if case.refused.is_empty() {
        errors.iter().for_each(|problem| out.note(format!("the resources are refused: {problem}")));
    } else if errors.is_empty() {
        out.note("the resources are accepted");
    }
    for (expected, actual) in [(&case.refused, &errors), (&case.warnings, &warnings)] {
        for refusal in expected {
            if !actual.iter().any(|problem| fits(refusal, problem)) {
                out.differ(
                    "a problem of the resources",
                    describe(refusal),
                    actual.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n              "),
                );
            }
        }
    }
    // A case lists every error: one mistake must not be reported twice.
    if !case.refused.is_empty() && errors.len() > case.refused.len() {
        for problem in errors.iter().filter(|problem| !case.refused.iter().any(|refusal| fits(refusal, problem))) {
            out.note(format!("one more problem: {problem}"));
        }
    }
    problems.iter().for_each(|problem| canaries.search("a problem's text", problem.to_string().as_bytes(), out));
}

fn fits(refusal: &Refusal, problem: &Problem) -> bool {
    let text = |pattern: &Option<String>, text: &str| pattern.as_ref().is_none_or(|pattern| matches(pattern, text).unwrap_or(false));
    refusal.path.as_ref().is_none_or(|path| *path == problem.path)
        && refusal.line.is_none_or(|line| line == problem.line)
        && text(&refusal.message, &problem.message)
        && text(&refusal.help, problem.help.as_deref().unwrap_or_default())
}

fn describe(refusal: &Refusal) -> String {
    let line = refusal.line.map(|line| format!("line {line}: ")).unwrap_or_default();
    let (path, message) = (refusal.path.as_deref().unwrap_or("…"), refusal.message.as_deref().unwrap_or("…"));
    let help = refusal.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
    format!("{line}{path}: {message}{help}")
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.as_deref().unwrap_or_default();
        write!(f, "{file} line {}: {}: {}", self.line, self.path, self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, " ({help})"))
    }
}
