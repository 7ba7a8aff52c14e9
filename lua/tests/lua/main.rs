//! The machine from outside.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

mod corpus;
mod differential;
mod fuzz;
mod generator;
mod host;
mod hostile;
mod puc;
mod random;
mod recorder;
