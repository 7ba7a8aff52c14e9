//! Sends telemetry to a collector, after responses and beside requests: bounded in memory, one message at a time, and no failure of
//! it reaches a caller. What it sends itself is not recorded.

mod batch;
mod exporter;
mod queue;
mod send;
mod settings;

pub use exporter::Exporter;
pub use settings::Settings;
