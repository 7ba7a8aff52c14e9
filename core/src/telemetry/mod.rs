//! What becomes known of requests. The access log has one entry a request, on every outcome, written when the response's body has
//! ended. A collector may get the same entries, traces and metrics.

mod entry;
#[cfg(feature = "otlp")]
mod export;
#[cfg(feature = "otlp")]
mod metrics;
mod observed_body;
#[cfg(feature = "otlp")]
mod otlp;
#[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "only a collector is told of it"))]
mod outcome;
mod panicked;
mod pending;
#[cfg(feature = "otlp")]
mod report;
mod shown_body;
#[cfg(feature = "otlp")]
mod trace;
mod visibility;
#[cfg(not(feature = "otlp"))]
mod without_otlp;

pub use entry::{Bodies, ErrorFacts, Reason, ReasonDetails, Reference, RequestFacts, ResponseFacts, ServiceFacts};
#[cfg(feature = "otlp")]
pub use export::{Exporter, check};
pub use observed_body::{observe, show_held};
pub use panicked::panicked;
pub use pending::PendingEntry;
#[cfg(feature = "otlp")]
pub use report::Report;
#[cfg(feature = "otlp")]
pub use trace::{TRACE_PARENT, TRACE_STATE};
pub use visibility::{MAX_LOGGED_BODY, Visibility, is_credential};
#[cfg(not(feature = "otlp"))]
pub use without_otlp::{Exporter, Report, TRACE_PARENT, TRACE_STATE, check};
