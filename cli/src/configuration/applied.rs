use anyhow::{Context, Result};
use postern_core::compile::restore;
use postern_core::snapshot::{CURRENT, Publication, Snapshot};
use postern_manifest::Source;
use serde_json::Value;

use crate::target::Target;

/// What was applied to a target's store: the Snapshot that is published there.
pub struct Applied {
    pub publication: Publication,
    pub snapshot: Snapshot,
}

/// Reads and verifies what was applied; `None` when nothing was.
///
/// # Errors
/// When the store cannot be read, or holds something that was not published with the target's key.
pub fn read(target: &dyn Target) -> Result<Option<Applied>> {
    let Some(stored) = target.get(CURRENT)? else { return Ok(None) };
    let unusable = || format!("what was applied to {} cannot be used: `postern apply --prune` replaces it", target.name());
    let publication = Publication::parse(&stored).with_context(unusable)?;
    let content = target.get(&publication.content_key())?.context("its content is gone").with_context(unusable)?;
    let ring = target.keys()?.ring(&publication.audience);
    publication.verify(&ring, &publication.audience, &content).with_context(unusable)?;
    let text = std::str::from_utf8(&content).with_context(unusable)?;
    let snapshot = Snapshot::from_json(text).map_err(anyhow::Error::msg).with_context(unusable)?;
    Ok(Some(Applied { publication, snapshot }))
}

impl Applied {
    /// The resources as they were written.
    pub fn documents(&self) -> Vec<Value> {
        restore(&self.snapshot)
    }

    /// The resources as they were written, each a text of its own.
    pub fn sources(&self) -> Vec<Source> {
        self.documents().iter().map(source).collect()
    }
}

/// A document as a text that a report can show lines of.
pub fn source(document: &Value) -> Source {
    let (kind, name) = identity(document);
    // JSON is YAML.
    Source { name: format!("<applied>/{kind}/{name}"), text: format!("{document:#}") }
}

/// The kind and name of a document.
pub fn identity(document: &Value) -> (&str, &str) {
    let text = |pointer| document.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    (text("/kind"), text("/metadata/name"))
}
