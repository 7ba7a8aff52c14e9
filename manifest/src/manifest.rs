use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::PathBuf;
use std::sync::LazyLock;

use postern_core::compile::{self, SourceIndex};
use postern_core::problem::{Problem, Severity};
use postern_core::resource::AnyResource;
use postern_core::snapshot::Snapshot;

use crate::finding::Finding;
use crate::gloo::{self, At, Found, Imported, Made};
use crate::kind::Kind;
use crate::report::{Diagnostic, Report};
use crate::schema::Schema;
use crate::source::{self, Source};
use crate::yaml::{self, Entry, Node, Place, Value};
use crate::{kind, path, structure};

/// From here on are the numbers of resources that were translated from other documents.
const MADE: SourceIndex = SourceIndex::MAX / 2;

static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::new);

/// The documents of a set of files, and what is wrong with their form.
#[derive(Debug, Default)]
pub struct Manifest {
    sources: Vec<Source>,
    documents: Vec<Document>,
    resources: Vec<(SourceIndex, AnyResource)>,
    /// Documents of Gloo's kinds, and what they mean together.
    gloo: Vec<gloo::Written>,
    made: Vec<Made>,
    translated: Vec<Diagnostic>,
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
        manifest.translate();
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
        self.translate();
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
        let mut diagnostics = [self.diagnostics.as_slice(), &self.translated].concat();
        let mut places = Places::default();
        // What is wrong with one document may be found in each resource that it became part of.
        let mut told = BTreeSet::new();
        for located in problems {
            let Problem { path, severity, message, help } = located.problem;
            let at = match located.source.checked_sub(MADE) {
                None => At { document: located.source, path },
                Some(made) => match self.made.get(made) {
                    Some(made) => made.origin(&path),
                    None => continue,
                },
            };
            if located.source >= MADE && !told.insert((at.document, at.path.clone(), message.clone())) {
                continue;
            }
            diagnostics.extend(self.diagnostic(Found { at, severity, message, help }, &mut places).filter(|new| !self.is_told(new)));
        }
        let report = Report::new(self.sources.clone(), diagnostics);
        (snapshot.filter(|_| report.errors() == 0), report)
    }

    /// The resources that Gloo's documents mean, to be kept in their place.
    pub fn imported(&self) -> Imported<'_> {
        Imported::new(&self.made)
    }

    /// Documents that were read and that nothing here needs, as `file:line: kind`.
    pub fn not_needed(&self) -> Vec<String> {
        let unneeded = self.gloo.iter().filter(|written| written.is_wiring()).filter_map(|written| self.documents.get(written.index));
        let name = |document: &Document| {
            let kind = document.root.get("kind").and_then(Node::text).unwrap_or_default();
            Some(format!("{}:{}: {kind}", self.sources.get(document.source)?.name, document.root.place.line))
        };
        unneeded.filter_map(name).collect()
    }

    /// Makes the resources that Gloo's documents mean, all over again, as a new document may change what others mean.
    fn translate(&mut self) {
        if self.gloo.is_empty() {
            return;
        }
        self.resources.retain(|(index, _)| *index < MADE);
        let own: Vec<&AnyResource> = self.resources.iter().map(|(_, resource)| resource).collect();
        let (made, mut found) = gloo::translate(&self.gloo, &self.broken, &own);
        for (index, made) in made.iter().enumerate() {
            match AnyResource::from_json(made.kind, made.document()) {
                Ok(resource) => self.resources.push((MADE.saturating_add(index), resource)),
                Err(error) => found.push(Found::error(&made.home, format!("what this means is no {}: {error}", made.kind))),
            }
        }
        self.made = made;
        let mut places = Places::default();
        self.translated = found.into_iter().filter_map(|found| self.diagnostic(found, &mut places)).collect();
    }

    /// Whether the translation has warned of the same place: what it says suits the document that is there, and is said once.
    fn is_told(&self, new: &Diagnostic) -> bool {
        let is_same = |told: &&Diagnostic| told.source == new.source && told.finding.place == new.finding.place;
        new.finding.severity == Severity::Warning
            && self.translated.iter().any(|told| is_same(&told) && told.finding.path == new.finding.path)
    }

    /// Puts what was found at its line.
    fn diagnostic(&self, found: Found, places: &mut Places) -> Option<Diagnostic> {
        let Found { at: At { document: index, path }, severity, message, help } = found;
        let document = self.documents.get(index)?;
        let place = path::nearest(places.of(index, &document.root), &path).unwrap_or(&document.root.place).clone();
        let finding = Finding { place, path, severity, message, help };
        Some(Diagnostic { source: document.source, finding, is_secret: document.is_secret })
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
            Ok(Kind::Own(kind)) => kind,
            Ok(Kind::Gloo(kind)) => return self.gloo_document(kind, document),
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

    fn gloo_document(&mut self, kind: gloo::Kind, mut document: Document) {
        let Document { source, is_secret, .. } = document;
        if kind.has_spec() {
            fill_spec(&mut document.root);
        }
        let findings = gloo::check(kind, &mut document.root);
        let form_holds = findings.iter().all(|finding| finding.severity != Severity::Error);
        findings.into_iter().for_each(|finding| self.found(source, is_secret, finding));
        match form_holds.then(|| gloo::Written::read(self.documents.len(), kind, document.root.to_json())) {
            Some(Ok(written)) => {
                self.gloo.push(written);
                self.documents.push(document);
            }
            Some(Err(error)) => self.found(source, is_secret, Finding::error(&document.root.place, "", error.to_string())),
            None => self.remember(kind.name(), &document.root),
        }
    }

    /// References to a document with errors do not dangle.
    fn remember(&mut self, kind: &str, root: &Node) {
        if let Some(name) = root.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::text) {
            self.broken.insert((kind.to_owned(), name.to_owned()));
        }
    }

    fn found(&mut self, source: usize, is_secret: bool, finding: Finding) {
        self.diagnostics.push(Diagnostic { source, finding, is_secret });
    }
}

/// The places of one document after the other: what is found in one comes in a row.
#[derive(Default)]
struct Places {
    of: Option<usize>,
    places: BTreeMap<String, Place>,
}

impl Places {
    fn of(&mut self, document: usize, root: &Node) -> &BTreeMap<String, Place> {
        if self.of != Some(document) {
            *self = Self { of: Some(document), places: path::places(root) };
        }
        &self.places
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
