//! Text to tree. The grammar is that of the Common Expression Language (cel-spec, `doc/langdef.md`), without message literals,
//! optional selection and quoted identifiers.
//!
//! The nesting, the height of the tree and the number of nodes are bounded while the tree is built, so neither this parser nor
//! anything that walks its result can overflow a stack in Wasm.

mod escape;
mod lexer;
mod parser;
mod tree;

pub(super) use parser::parse;
pub(super) use tree::{BinaryOperator, Syntax, Tree};
