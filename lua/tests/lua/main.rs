//! The machine from outside.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

mod corpus;
mod differential;
mod generator;
mod host;
mod puc;
mod random;
mod recorder;
