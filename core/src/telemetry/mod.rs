//! What becomes known of requests. The access log has one entry a request, on every outcome, written when the response's body has
//! ended. A collector may get the same entries, traces and metrics.

mod entry;
mod export;
mod metrics;
mod observed_body;
mod otlp;
mod outcome;
mod pending;
mod report;
mod shown_body;
mod trace;
mod visibility;

pub use entry::{Bodies, ErrorFacts, Reason, ReasonDetails, Reference, RequestFacts, ResponseFacts, ServiceFacts};
pub use export::{Exporter, Settings};
pub use observed_body::{observe, show_held};
pub use pending::PendingEntry;
pub use report::Report;
pub use trace::{TRACE_PARENT, TRACE_STATE};
pub use visibility::{MAX_LOGGED_BODY, Visibility, is_credential};
