//! A processor as Envoy's users write them, an upstream, and the native host between them.
#![allow(clippy::indexing_slicing, clippy::unwrap_used)] // It is for tests alone.

mod gateway;
mod processor;
mod upstream;

pub use gateway::{Answer, Gateway};
pub use processor::{Ending, Processor, Say};
pub use upstream::{Seen, Upstream};

use std::time::Duration;

/// Long, as only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until something has come true.
pub async fn until(what: &str, condition: impl Fn() -> bool) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !condition() {
        assert!(tokio::time::Instant::now() < deadline, "it did not happen: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
