//! OTLP/HTTP, as far as a gateway sends it: one model, written as protobuf or as JSON (OTLP specification 1.x, "OTLP/HTTP"). Field
//! numbers and names are those of `opentelemetry/proto/*/v1`.

mod envelope;
mod id;
mod log;
mod metric;
mod protobuf;
mod response;
mod span;
mod value;

use serde::Serialize;

pub use envelope::{Envelope, Signal};
pub use id::{Id, SpanId, TraceId};
pub use log::LogRecord;
pub use metric::{DELTA, Data, Histogram, HistogramPoint, Metric, NumberPoint, Sum};
pub use protobuf::{Message, Writer};
pub use response::rejected;
pub use span::{Kind, Span, Status};
pub use value::{AnyValue, KeyValue, attribute};

use crate::platform::Timestamp;
use crate::resource::OtlpProtocol;

/// Writes one item of a batch.
pub fn encode(protocol: OtlpProtocol, item: &(impl Message + Serialize)) -> Vec<u8> {
    match protocol {
        OtlpProtocol::Protobuf => Writer::message_of(item),
        // Maps have text for keys and no number is infinite, so JSON can say all of it.
        OtlpProtocol::Json => serde_json::to_vec(item).unwrap_or_default(),
    }
}

/// Nanoseconds since 1970-01-01T00:00:00Z, a string in JSON as all numbers of 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nanoseconds(pub u64);

impl From<Timestamp> for Nanoseconds {
    fn from(time: Timestamp) -> Self {
        Self(time.0.saturating_mul(1_000_000))
    }
}

impl Serialize for Nanoseconds {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
