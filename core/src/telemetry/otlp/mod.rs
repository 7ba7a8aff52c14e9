//! OTLP/HTTP, as far as a gateway sends it. Each message says its fields once, and is written as protobuf or as JSON. Field numbers and
//! names are those of `opentelemetry/proto/*/v1`.

mod envelope;
mod id;
mod json;
mod log;
mod message;
mod metric;
mod protobuf;
mod response;
mod span;
mod value;

pub use envelope::{Envelope, Signal};
pub use id::{Id, SpanId, TraceId};
pub use log::LogRecord;
pub use message::encode;
pub use metric::{Data, HistogramPoint, Metric, NumberPoint, Temporality};
pub use response::rejected;
pub use span::{Kind, Span, Status};
pub use value::{AnyValue, KeyValue, attribute};

use crate::platform::Timestamp;

/// Nanoseconds since 1970-01-01T00:00:00Z.
pub fn nanoseconds(time: Timestamp) -> u64 {
    time.0.saturating_mul(1_000_000)
}
