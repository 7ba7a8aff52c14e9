use regorus::unstable::Span;

use crate::expression::Failure;
use crate::problem::Problems;

/// What is wrong with a module, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ModuleError {
    /// It may quote the module.
    pub message: String,
    /// Line and column, in characters, from 1; `None` where the whole module is meant.
    pub at: Option<(u32, u32)>,
    /// What to write instead.
    pub help: Option<String>,
}

impl ModuleError {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), at: None, help: None }
    }

    pub fn at(span: &Span, message: impl Into<String>) -> Self {
        let start = usize::try_from(span.start).unwrap_or(usize::MAX);
        let before = span.source.contents().get(..start).unwrap_or_default();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { at: Some((span.line, u32::try_from(column).unwrap_or(u32::MAX))), ..Self::new(message) }
    }

    pub fn with_help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Of an error of the library's, which is a text with a drawing of the place. It counts bytes, and a tab as four.
    pub fn of(error: &anyhow::Error, module: &str) -> Self {
        let text = error.to_string();
        let at = place(&text).map(|(line, column)| {
            let widths = usize::try_from(line).ok().and_then(|line| module.lines().nth(line.saturating_sub(1))).into_iter();
            let widths = widths.flat_map(str::chars).map(|c| if c == '\t' { 4 } else { c.len_utf8() });
            let starts = widths.scan(1, |column, width| Some(std::mem::replace(column, *column + width)));
            let before = starts.take_while(|start| *start < usize::try_from(column).unwrap_or(usize::MAX)).count();
            (line, u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1))
        });
        let message = text.split_once("\nerror: ").map_or(text.as_str(), |(_, message)| message);
        let message = message.lines().find(|line| !line.trim().is_empty()).unwrap_or("the module cannot be read");
        Self { at, ..Self::new(message.trim()) }
    }

    /// Reports it at the current path.
    pub fn report(self, problems: &mut Problems) {
        let message = match self.at {
            Some((line, column)) => format!("line {line}, column {column}: {}", self.message),
            None => self.message,
        };
        match self.help {
            Some(help) => problems.error_with_help(message, help),
            None => problems.error(message),
        }
    }
}

/// Why an evaluation failed. The library's own texts quote the values that do not fit, and these are the caller's, so of a text of
/// its own only the place is told, and what kind of mistake it is.
pub(super) fn failure(error: &anyhow::Error, said: Option<String>) -> Failure {
    let text = error.to_string();
    let why = said.unwrap_or_else(|| {
        let known = KNOWN.iter().find(|(sign, _)| text.contains(sign));
        known.map_or("this cannot be evaluated", |(_, why)| why).to_owned()
    });
    match place(&text) {
        Some((line, _)) => Failure::new(format!("line {line} of the Rego module: {why}")),
        None => Failure::new(format!("the Rego module: {why}")),
    }
}

const KNOWN: [(&str, &str); 4] = [
    ("multiple outputs", "a rule or function has several values at once"),
    ("produced multiple", "a rule or function has several values at once"),
    ("recursion detected", "rules depend on each other in a circle"),
    ("some .. in collection", "`some … in` needs a list, a set or an object"),
];

/// The first `--> name:line:column` in a text of the library's.
fn place(text: &str) -> Option<(u32, u32)> {
    let (_, rest) = text.split_once("--> ")?;
    let mut parts = rest.lines().next()?.rsplit(':');
    let column = parts.next()?.trim().parse().ok()?;
    Some((parts.next()?.parse().ok()?, column))
}
