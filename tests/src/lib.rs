//! Runs the cases on every host, each as a test binary of its own.

pub mod harness;
pub mod network;
pub mod target;
