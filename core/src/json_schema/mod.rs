//! JSON Schema, draft 2020-12, for request bodies.
//!
//! Whoever sends a body must not be able to make its check expensive, and no schema library at hand has a bound on that: a schema that
//! refers to itself along two ways takes time exponential in the depth of the body. Here each check has a budget of steps, patterns run
//! on an engine whose time is linear in the text, and what would nest without end is refused when the schema is compiled. Nothing is
//! ever fetched.
//!
//! All keywords of the core, applicator, unevaluated and validation vocabularies hold. `format` and `content…` are comments, as the
//! draft has it.

mod canonical;
mod check;
mod compile;
mod failure;
mod keyword;
mod node;
mod number;

use serde_json::Value;

pub use failure::Failure;

use crate::problem::Problems;
use node::{Node, NodeId, ResourceScope};

/// Bytes of a schema.
pub const MAX_SCHEMA: usize = 30_000;

/// How many values a body may have, counting each array, object and scalar. A tree of as many takes some 20 MB.
pub const MAX_VALUES: usize = 250_000;

/// A compiled schema.
#[derive(Debug)]
pub struct Schema {
    nodes: Vec<Node>,
    root: NodeId,
    /// Empty unless a `$dynamicRef` asks for them.
    resources: Vec<ResourceScope>,
}

impl Schema {
    /// Compiles JSON text. Every problem names its place in the schema as a JSON Pointer (RFC 6901).
    pub fn compile(text: &str, problems: &mut Problems) -> Option<Self> {
        compile::compile(text, problems)
    }

    /// Checks a value.
    ///
    /// # Errors
    /// Where and why it does not conform: the first thing that is found.
    pub fn check(&self, value: &Value) -> Result<(), Failure> {
        check::check(self, value, check::MAX_STEPS)
    }
}

#[cfg(test)]
mod tests;
