use std::collections::BTreeSet;
use std::io::Read;
use std::path::PathBuf;
use std::sync::LazyLock;

use postern_core::compile::{self, SourceIndex};
use postern_core::problem::Severity;
use postern_core::resource::AnyResource;
use postern_core::snapshot::Snapshot;

use crate::finding::Finding;
use crate::report::{Diagnostic, Report};
use crate::schema::Schema;
use crate::source::{self, Source};
use crate::yaml::{self, Entry, Node, Place, Value};
use crate::{kind, path, structure};

/// Lists of headers whose values may be credentials.
const HOLD_SECRETS: [&str; 2] = [".addRequestHeaders[", ".otlp.headers["];

static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::new);

/// The documents of a set of files, and what is wrong with their form.
#[derive(Debug, Default)]
pub struct Manifest {
    sources: Vec<Source>,
    documents: Vec<Document>,
    resources: Vec<(SourceIndex, AnyResource)>,
    /// Kind and name of documents that could be read only in part.
    broken: BTreeSet<(String, String)>,
    diagnostics: Vec<Diagnostic>,
}

#[derive(Debug)]
struct Document {
    source: usize,
    root: Node,
    is_secret: bool,
}

impl Manifest {
    /// Reads files, folders (`*.yaml` and `*.yml`, recursively, sorted) and, for `-`, the standard input. What cannot be read is in
    /// the report.
    pub fn read(paths: &[PathBuf], stdin: &mut dyn Read) -> Self {
        let mut manifest = Self::default();
        manifest.add_files(paths, stdin);
        manifest
    }

    /// Reads texts that are there already.
    pub fn parse(sources: Vec<Source>) -> Self {
        let mut manifest = Self::default();
        sources.into_iter().for_each(|source| manifest.add_source(source));
        manifest
    }

    /// As [`Manifest::read`], beside what was read before.
    pub fn add_files(&mut self, paths: &[PathBuf], stdin: &mut dyn Read) {
        let (sources, unreadable) = source::read(paths, stdin);
        sources.into_iter().for_each(|source| self.add_source(source));
        for file in unreadable {
            self.found(self.sources.len(), false, Finding::error(&Place::default(), "", file.message));
            self.sources.push(Source { name: file.name, text: String::new() });
        }
    }

    /// Adds a resource that no file holds, such as one of the store; `origin` names it in the report.
    pub fn add(&mut self, origin: &str, resource: AnyResource) {
        let source = self.sources.len();
        self.sources.push(Source { name: origin.to_owned(), text: String::new() });
        self.resources.push((self.documents.len(), resource));
        let root = Node { place: Place::default(), value: Value::Null };
        self.documents.push(Document { source, root, is_secret: false });
    }

    /// The documents that have the form of their kind. The index is the document's, for [`compile::compile`].
    pub fn resources(&self) -> &[(SourceIndex, AnyResource)] {
        &self.resources
    }

    /// Compiles the resources. There is a Snapshot unless the report has an error.
    pub fn compile(&self, options: compile::Options<'_>) -> (Option<Snapshot>, Report) {
        let known: BTreeSet<_> = options.known.into_iter().flatten().chain(&self.broken).cloned().collect();
        let options = compile::Options { known: Some(&known), ..options };
        let (snapshot, problems) = compile::compile(&self.resources, options);
        let mut diagnostics = self.diagnostics.clone();
        let mut places = None;
        for located in problems {
            let Some(document) = self.documents.get(located.source) else { continue };
            // Problems of one document come in a row.
            if places.as_ref().is_none_or(|(index, _)| *index != located.source) {
                places = Some((located.source, path::places(&document.root)));
            }
            let place = places.as_ref().and_then(|(_, places)| path::nearest(places, &located.problem.path));
            let place = place.unwrap_or(&document.root.place).clone();
            let problem = located.problem;
            let finding = Finding { place, path: problem.path, severity: problem.severity, message: problem.message, help: problem.help };
            let hides_line = document.is_secret || HOLD_SECRETS.iter().any(|list| finding.path.contains(list));
            diagnostics.push(Diagnostic { source: document.source, finding, hides_line });
        }
        let report = Report::new(self.sources.clone(), diagnostics);
        (snapshot.filter(|_| report.errors() == 0), report)
    }

    fn add_source(&mut self, source: Source) {
        let index = self.sources.len();
        for document in yaml::documents(&source.text) {
            if let Some(error) = document.error {
                self.found(index, document.is_secret, Finding::error(&error.place, "", error.message));
            }
            if let Some(root) = document.root {
                self.document(Document { source: index, root, is_secret: document.is_secret });
            }
        }
        self.sources.push(source);
    }

    fn document(&mut self, mut document: Document) {
        let Document { source, is_secret, .. } = document;
        let root = &mut document.root;
        let kind = match kind::resolve(root) {
            Ok(kind) => kind,
            Err(finding) => return self.found(source, is_secret, finding),
        };
        fill_spec(root);
        let findings = SCHEMA.of_kind(kind).map(|of_kind| structure::check(root, of_kind, &SCHEMA)).unwrap_or_default();
        let form_holds = findings.iter().all(|finding| finding.severity != Severity::Error);
        findings.into_iter().for_each(|finding| self.found(source, is_secret, finding));
        match form_holds.then(|| AnyResource::from_json(kind, root.to_json())) {
            Some(Ok(resource)) => {
                self.resources.push((self.documents.len(), resource));
                self.documents.push(document);
            }
            // The schema is made from the types, so it should have found this, with a better message.
            Some(Err(error)) => self.found(source, is_secret, Finding::error(&root.place, "", error.to_string())),
            None => self.remember(kind, &document.root),
        }
    }

    /// References to a document with errors do not dangle.
    fn remember(&mut self, kind: &str, root: &Node) {
        if let Some(name) = root.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::text) {
            self.broken.insert((kind.to_owned(), name.to_owned()));
        }
    }

    fn found(&mut self, source: usize, is_secret: bool, finding: Finding) {
        let hides_line = is_secret || finding.path.contains(".addRequestHeaders[");
        self.diagnostics.push(Diagnostic { source, finding, hides_line });
    }
}

/// A `spec` that is absent, or has no value, is empty. What its kind then misses is told as always.
fn fill_spec(root: &mut Node) {
    let place = root.place.clone();
    let Value::Map(entries) = &mut root.value else { return };
    match entries.iter_mut().find(|entry| entry.key == "spec") {
        Some(entry) if entry.node.value == Value::Null => entry.node.value = Value::Map(Vec::new()),
        Some(_) => {}
        None => {
            let node = Node { place: place.clone(), value: Value::Map(Vec::new()) };
            entries.push(Entry { key: "spec".to_owned(), key_place: place, node });
        }
    }
}
