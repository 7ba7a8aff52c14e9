//! Sends telemetry to a collector, after responses and beside requests: bounded in memory, one message at a time, and no failure of
//! it reaches a caller. What it sends itself is not recorded.

mod batch;
mod exporter;
mod losses;
mod queue;
mod send;
mod settings;
mod state;

pub use exporter::Exporter;
use settings::Settings;
pub use settings::check;
