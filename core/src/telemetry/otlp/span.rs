use serde::{Serialize, Serializer};

use super::{KeyValue, Message, Nanoseconds, SpanId, TraceId, Writer};

/// `Span`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Span {
    pub trace_id: TraceId,
    pub span_id: SpanId,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub trace_state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_span_id: Option<SpanId>,
    /// The flags of the trace, and whether the parent is another process's (`SpanFlags`).
    pub flags: u32,
    pub name: String,
    pub kind: Kind,
    pub start_time_unix_nano: Nanoseconds,
    pub end_time_unix_nano: Nanoseconds,
    pub attributes: Vec<KeyValue>,
    pub status: Status,
}

/// `SpanKind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Server = 2,
    Client = 3,
}

/// `Status`: unset, or an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Status {
    code: u32,
}

impl Status {
    pub const UNSET: Self = Self { code: 0 };
    pub const ERROR: Self = Self { code: 2 };
}

impl Message for Span {
    fn write(&self, out: &mut Writer) {
        out.bytes(1, &self.trace_id.0);
        out.bytes(2, &self.span_id.0);
        out.bytes(3, self.trace_state.as_bytes());
        if let Some(parent) = &self.parent_span_id {
            out.bytes(4, &parent.0);
        }
        out.bytes(5, self.name.as_bytes());
        out.varint(6, self.kind as u64);
        out.fixed64(7, self.start_time_unix_nano.0);
        out.fixed64(8, self.end_time_unix_nano.0);
        out.messages(9, &self.attributes);
        out.message(15, &self.status);
        out.fixed32(16, self.flags);
    }
}

impl Message for Status {
    fn write(&self, out: &mut Writer) {
        out.varint(3, u64::from(self.code));
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(*self as u32)
    }
}
