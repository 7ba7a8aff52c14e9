//! Text templates: the part of the language Inja (version 3.4) that has no files in it. What they print is decided by what they are
//! given alone; a template that goes wrong ends in an error with a message, and what one may cost is bounded ([`Budget`]).
//!
//! - [`parse`]: from source to a tree, once, with the place of every mistake;
//! - [`escape`]: which interpolations stand inside a JSON string, decided on the tree;
//! - [`render`]: from the tree and [`Data`] to text;
//! - [`functions`]: what templates can call;
//! - [`value`]: how values compare, and how they are written.

mod budget;
mod data;
mod error;
mod escape;
mod functions;
mod node;
mod parse;
mod render;
mod value;

use serde_json::Value;

pub use budget::Budget;
pub use data::Data;
pub use error::{CompileError, RenderError};
pub use escape::Escape;
pub use parse::Reads;
pub use value::write as write_json;

use node::Node;

/// Bytes of a template's source.
pub const MAX_SOURCE: usize = 64 << 10;

/// How a template is read.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// A dot in a name leads to a member, as in `choices.0.message`; else only a slash does.
    pub dots: bool,
    /// A line that begins with `##` is a statement.
    pub line_statements: bool,
    pub escape: Escape,
}

impl Default for Options {
    fn default() -> Self {
        Self { dots: true, line_statements: false, escape: Escape::Never }
    }
}

/// A template, compiled.
#[derive(Debug)]
pub struct Template {
    nodes: Vec<Node>,
    reads: Reads,
}

impl Template {
    /// Compiles.
    ///
    /// # Errors
    /// The first mistake, with its place; a source, nesting or number of parts beyond the limits.
    pub fn compile(source: &str, options: Options) -> Result<Self, CompileError> {
        if source.len() > MAX_SOURCE {
            return Err(CompileError::new(source, 0, format!("a template has at most {MAX_SOURCE} bytes, and this has {}", source.len())));
        }
        let (mut nodes, reads) = parse::parse(source, options)?;
        escape::decide(source, &mut nodes, options.escape)?;
        Ok(Self { nodes, reads })
    }

    /// Renders. The budget is spent by all templates that are rendered with it.
    ///
    /// # Errors
    /// A variable that is not there, an operation that its operands do not allow, or a spent budget. Messages hold names that stand
    /// in the template, and no values.
    pub fn render(&self, data: &dyn Data, budget: &Budget) -> Result<String, RenderError> {
        render::render(&self.nodes, data, budget)
    }

    /// What it reads, for whoever has to bring it.
    pub fn reads(&self) -> &Reads {
        &self.reads
    }
}

/// Parts of a name that lead to a value inside of another one.
fn descend<'v>(value: &'v Value, keys: &[String]) -> Option<&'v Value> {
    keys.iter().try_fold(value, |value, key| match value {
        Value::Object(object) => object.get(key),
        Value::Array(array) => array.get(index(key)?),
        _ => None,
    })
}

/// An index as JSON pointers have them (RFC 6901 §4).
fn index(key: &str) -> Option<usize> {
    let is_index = key == "0" || !key.starts_with('0') && key.bytes().all(|byte| byte.is_ascii_digit());
    if is_index { key.parse().ok() } else { None }
}

#[cfg(test)]
mod tests;
