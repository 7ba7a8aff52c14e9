//! From YAML files to checked resources, with every problem at its line.

mod finding;
mod path;
pub mod schema;
mod structure;
mod suggest;
mod yaml;
