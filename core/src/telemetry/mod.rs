//! The access log: one entry a request, on every outcome, written when the response's body has ended.

mod entry;
mod observed_body;
mod pending;
mod visibility;

pub use entry::{Bodies, ErrorFacts, Reason, ReasonDetails, Reference, RequestFacts, ResponseFacts, ServiceFacts};
pub use observed_body::{CountedBody, observe};
pub use pending::PendingEntry;
pub use visibility::Visible;
