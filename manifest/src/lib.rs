//! From YAML files to checked resources, with every problem at its line.
//!
//! [`Manifest::read`] takes files and folders; [`Manifest::compile`] gives a Snapshot, or says what is in the way. All problems of all
//! files are in one [`Report`].

mod finding;
mod gloo;
mod kind;
mod manifest;
mod path;
mod report;
mod schema;
mod source;
mod structure;
mod suggest;
mod yaml;

pub use gloo::Imported;
pub use manifest::Manifest;
pub use report::Report;
pub use schema::{Schema, reference};
pub use source::Source;
