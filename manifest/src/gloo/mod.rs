//! Gloo's documents, translated into the gateway's own resources: what is published, and every request, knows nothing of them.
//!
//! A document is checked by itself first, as the gateway's own are; [`translate`] then says what all of them mean together. Whatever is
//! wrong, also with what was made, is told at a place of the document that it comes from.

mod at;
mod document;
mod import;
mod kind;
mod made;
mod schema;
mod translate;

use serde_json::Value;

pub use at::{At, Found};
pub use import::Imported;
pub use kind::{Kind, resolve, version_of};
pub use made::Made;
pub use translate::translate;

use crate::finding::Finding;
use crate::structure;
use crate::yaml::Node;
use document::Document;

/// A document that has the structure of its kind.
#[derive(Debug)]
pub struct Written {
    /// Its number among all documents.
    pub index: usize,
    kind: Kind,
    document: Document,
}

impl Written {
    /// # Errors
    /// The document does not have the shape of its kind, though the structure check let it pass.
    pub fn read(index: usize, kind: Kind, json: Value) -> Result<Self, serde_json::Error> {
        Ok(Self { index, kind, document: Document::from_json(kind, json)? })
    }

    pub fn is_wiring(&self) -> bool {
        self.kind == Kind::Wiring
    }
}

/// Compares a document with the structure of its kind.
pub fn check(kind: Kind, root: &mut Node) -> Vec<Finding> {
    if kind == Kind::Wiring {
        return match root.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::text) {
            Some(_) => Vec::new(),
            None => vec![Finding::error(&root.place, "metadata", "`metadata.name` is missing")],
        };
    }
    schema::SCHEMA.of_kind(kind.name()).map(|of_kind| structure::check(root, of_kind, &schema::SCHEMA)).unwrap_or_default()
}
