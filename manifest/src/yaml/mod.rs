//! YAML as a tree in which every key and value knows its place.

mod node;
mod parse;
mod raw;
mod split;

pub use node::{Entry, Node, Place, Value};
pub use parse::documents;
