//! Runs the cases on every host, each as a test binary of its own.

pub mod harness;
pub mod network;
pub mod programs;
pub mod provider;
pub mod target;
