//! What is wrong with a set of files, for people and for programs.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use postern_core::problem::Severity;
use serde_json::{Value, json};

use crate::finding::Finding;
use crate::source::Source;

/// All problems of a set of files, by file and line.
#[derive(Debug)]
pub struct Report {
    sources: Vec<Source>,
    diagnostics: Vec<Diagnostic>,
}

#[derive(Debug, Clone)]
pub(crate) struct Diagnostic {
    pub source: usize,
    pub finding: Finding,
    /// Its document is a Secret.
    pub is_secret: bool,
}

impl Report {
    pub(crate) fn new(sources: Vec<Source>, mut diagnostics: Vec<Diagnostic>) -> Self {
        let position = |d: &Diagnostic| (d.source, d.finding.place.line, d.finding.place.column);
        diagnostics.sort_by_key(position);
        Self { sources, diagnostics }
    }

    /// How many problems forbid the use of the files.
    pub fn errors(&self) -> usize {
        self.count(Severity::Error)
    }

    pub fn warnings(&self) -> usize {
        self.count(Severity::Warning)
    }

    /// For people: each problem with the line of the file, then the counts. With colours if asked for.
    pub fn render(&self, colours: bool) -> String {
        let renderer = if colours { Renderer::styled() } else { Renderer::plain() };
        let mut text = String::new();
        for diagnostic in &self.diagnostics {
            text.push_str(&renderer.render(&[self.group(diagnostic)]));
            text.push_str("\n\n");
        }
        text + &self.summary()
    }

    /// One line: how many errors and warnings in how many files.
    pub fn summary(&self) -> String {
        let plural = |count: usize, name: &str| format!("{count} {name}{}", if count == 1 { "" } else { "s" });
        let (errors, warnings) = (plural(self.errors(), "error"), plural(self.warnings(), "warning"));
        format!("{errors}, {warnings} in {}\n", plural(self.sources.len(), "file"))
    }

    /// For programs. Lines and columns count from 1, columns in characters; line 0 is the whole file.
    pub fn to_json(&self) -> Value {
        let problem = |diagnostic: &Diagnostic| {
            let Finding { place, path, severity, message, help } = &diagnostic.finding;
            json!({
                "file": self.source(diagnostic).map(|source| &source.name),
                "line": place.line,
                "column": place.column,
                "path": path,
                "severity": if *severity == Severity::Error { "error" } else { "warning" },
                "message": message,
                "help": help,
            })
        };
        json!({
            "errors": self.errors(),
            "warnings": self.warnings(),
            "problems": self.diagnostics.iter().map(problem).collect::<Vec<_>>(),
        })
    }

    fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.finding.severity == severity).count()
    }

    fn source(&self, diagnostic: &Diagnostic) -> Option<&Source> {
        self.sources.get(diagnostic.source)
    }

    fn group<'a>(&'a self, diagnostic: &'a Diagnostic) -> Group<'a> {
        let finding = &diagnostic.finding;
        let level = if finding.severity == Severity::Error { Level::ERROR } else { Level::WARNING };
        let name = self.source(diagnostic).map_or("", |source| source.name.as_str());
        let group = level.primary_title(finding.message.as_str());
        let group = match self.line(diagnostic) {
            None if finding.place.line == 0 => group.element(Origin::path(name)),
            None => group
                .element(Origin::path(name).line(finding.place.line).char_column(finding.place.column))
                .element(Level::NOTE.message(finding.path.as_str())),
            Some((line, start)) => {
                let from = finding.place.bytes.start.saturating_sub(start).min(line.len());
                let to = finding.place.bytes.end.saturating_sub(start).clamp(from, line.len());
                let label = if finding.path.is_empty() { None } else { Some(finding.path.as_str()) };
                let annotation = AnnotationKind::Primary.span(from..to).label(label);
                group.element(Snippet::source(line).line_start(finding.place.line).path(name).annotation(annotation))
            }
        };
        match &finding.help {
            Some(help) => group.element(Level::HELP.message(help.as_str())),
            None => group,
        }
    }

    /// The line of a problem, and where it starts in the file. Only that line is shown: it is enough, and files may be long. None is shown
    /// that may hold a secret, as reports end up in the logs of build machines.
    fn line(&self, diagnostic: &Diagnostic) -> Option<(&str, usize)> {
        let place = &diagnostic.finding.place;
        let text = self.source(diagnostic).filter(|_| place.line > 0 && !diagnostic.is_secret)?.text.as_str();
        let at = place.bytes.start.min(text.len());
        let start = text.get(..at)?.rfind('\n').map_or(0, |newline| newline + 1);
        let line = text.get(start..)?;
        let line = line.split('\n').next()?.trim_end_matches('\r');
        (!may_show_secrets(line, &diagnostic.finding.path)).then_some((line, start))
    }
}

/// What may hold credentials: as a problem's path has it, and as a line has it that also holds something else.
const HOLD_SECRETS: [(&str, &str); 6] = [
    (".addRequestHeaders[", "addRequestHeaders:"),
    (".otlp.headers[", "otlp:"),
    (".authToken", "authToken:"),
    (".basicAuth", "basicAuth:"),
    (".keys[", "keys:"),
    (".entries.", "entries:"),
];

/// Whether the line of the problem at `path` has a URL with a password, or a credential, be it beside what the problem is about.
fn may_show_secrets(line: &str, path: &str) -> bool {
    line.contains("://") && line.contains('@') || HOLD_SECRETS.iter().any(|(place, key)| path.contains(place) || line.contains(key))
}
