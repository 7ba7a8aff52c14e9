use std::collections::{BTreeMap, BTreeSet};

use postern_core::resource::AnyResource;

use super::name::Taken;
use crate::gloo::document::{Document, Metadata};
use crate::gloo::{At, Found, Kind, Made, Written};
use crate::suggest::closest;

/// All documents, and what has come of them so far.
pub struct World<'a> {
    written: &'a [Written],
    /// Documents of a name that another one had before: what they mean would only be told as further mistakes.
    repeated: BTreeSet<usize>,
    broken: &'a BTreeSet<(String, String)>,
    pub own: &'a [&'a AnyResource],
    pub names: Taken,
    /// Names of what was made from a document, so that it is made once. (kind, document, which of them)
    pub made_of: BTreeMap<(&'static str, usize, String), String>,
    made: Vec<Made>,
    found: Vec<Found>,
}

/// Why a reference leads nowhere.
pub enum Missing {
    /// The document is there and has errors of its own, which are told already.
    Broken,
    /// Nothing of the kind has this name; perhaps this one was meant.
    Unknown(Option<String>),
}

impl<'a> World<'a> {
    pub fn new(written: &'a [Written], broken: &'a BTreeSet<(String, String)>, own: &'a [&'a AnyResource]) -> Self {
        let mut world = Self {
            written,
            repeated: BTreeSet::new(),
            broken,
            own,
            names: Taken::default(),
            made_of: BTreeMap::new(),
            made: Vec::new(),
            found: Vec::new(),
        };
        world.duplicates();
        world
    }

    /// Documents of a kind, in the order in which they were read.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (At, &'a Document)> + use<'a> {
        let repeated = self.repeated.clone();
        let of_kind = self.written.iter().filter(move |written| written.kind == kind && !repeated.contains(&written.index));
        of_kind.map(|written| (At::of(written.index), &written.document))
    }

    /// The document that a reference names. One of another namespace is not meant, unless one of the two names none.
    ///
    /// # Errors
    /// There is none.
    pub fn find(&self, kind: Kind, name: &str, namespace: Option<&str>) -> Result<(At, &'a Document), Missing> {
        let is_near = |metadata: &Metadata| match (namespace, &metadata.namespace) {
            (Some(wanted), Some(written)) => wanted == written,
            _ => true,
        };
        let named = self.of_kind(kind).filter(|(_, document)| document.metadata().name == name && is_near(document.metadata()));
        // One of exactly that namespace comes before one of any.
        if let Some(found) = named.max_by_key(|(_, document)| document.metadata().namespace.as_deref() == namespace) {
            return Ok(found);
        }
        if self.broken.contains(&(kind.name().to_owned(), name.to_owned())) {
            return Err(Missing::Broken);
        }
        let elsewhere = self.of_kind(kind).find(|(_, document)| document.metadata().name == name);
        let broken = self.broken.iter().filter(|(of, _)| of == kind.name()).map(|(_, name)| name.as_str());
        let names: Vec<&str> = self.of_kind(kind).map(|(_, document)| document.metadata().name.as_str()).chain(broken).collect();
        Err(Missing::Unknown(match elsewhere.and_then(|(_, document)| document.metadata().namespace.as_ref()) {
            Some(namespace) => Some(format!("there is one in the namespace `{namespace}`")),
            None => closest(name, names).map(|meant| format!("did you mean `{meant}`?")),
        }))
    }

    /// As [`World::find`]; a reference that leads nowhere is an error at its place.
    pub fn follow(&mut self, kind: Kind, name: &str, namespace: Option<&str>, at: &At) -> Option<(At, &'a Document)> {
        match self.find(kind, name, namespace) {
            Ok(found) => Some(found),
            Err(Missing::Broken) => None,
            Err(Missing::Unknown(meant)) => {
                let found = Found::error(at, format!("there is no {} `{name}`", kind.name()));
                let is_alone = self.of_kind(kind).next().is_none();
                let elsewhere = || format!("no {} is in these files: name the file that it is in too", kind.name());
                self.tell(Found { help: meant.or_else(|| is_alone.then(elsewhere)), ..found });
                None
            }
        }
    }

    /// What is wrong with a policy is found at each of its routes, and told once.
    pub fn tell(&mut self, found: Found) {
        if !self.found.contains(&found) {
            self.found.push(found);
        }
    }

    pub fn error(&mut self, at: &At, message: impl Into<String>) {
        self.tell(Found::error(at, message));
    }

    pub fn add(&mut self, made: Made) {
        self.made.push(made);
    }

    /// Adds labels to something that was made before.
    pub fn label<'l>(&mut self, kind: &str, name: &str, labels: impl IntoIterator<Item = (&'l String, &'l String)>) {
        if let Some(made) = self.made.iter_mut().find(|made| made.kind == kind && made.name == name) {
            labels.into_iter().for_each(|(key, value)| made.label("labels", key, value));
        }
    }

    /// Takes the value, or tells what is wrong with it.
    pub fn take<T>(&mut self, result: Result<T, String>, at: &At) -> Option<T> {
        result.map_err(|message| self.error(at, message)).ok()
    }

    pub fn finish(self) -> (Vec<Made>, Vec<Found>) {
        (self.made, self.found)
    }

    fn duplicates(&mut self) {
        let mut seen = BTreeSet::new();
        for written in self.written.iter().filter(|written| written.kind != Kind::Wiring) {
            let Metadata { name, namespace, .. } = written.document.metadata();
            if !seen.insert((written.kind, name, namespace)) {
                let at = At::of(written.index).field("metadata.name");
                let found = Found::error(&at, format!("there is another {} `{name}` before this one", written.kind.name()));
                self.found.push(found.with_help("keep one of the two, or give this one another name"));
                self.repeated.insert(written.index);
            }
        }
    }
}
