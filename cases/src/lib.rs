//! Test cases of a gateway as YAML files, and what runs them against any host.
//!
//! A case says how a gateway is configured, what the upstreams around it do, what a caller sends, and what everybody must see.
//! [`format::Case`] is the format, [`Target`](target::Target) is what a host offers, [`run`] runs one against the other.

mod canary;
pub mod format;
mod lines;
pub mod load;
mod matching;
pub mod memory;
mod random;
mod run;
pub mod target;
pub mod upstream;
mod values;

pub use canary::looks;
pub use lines::split_header;
pub use matching::Mismatches;
pub use memory::to_http;
pub use run::{Deployed, Outcome, deploy, needs, run};
