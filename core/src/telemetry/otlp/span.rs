use super::message::{Fields, Message};
use super::value::attributes;
use super::{KeyValue, SpanId, TraceId};

/// `Span`.
#[derive(Debug)]
pub struct Span {
    pub trace_id: TraceId,
    pub span_id: SpanId,
    pub trace_state: String,
    pub parent: Option<SpanId>,
    /// The flags of the trace, and whether the parent is another process's (`SpanFlags`).
    pub flags: u32,
    pub name: String,
    pub kind: Kind,
    /// In nanoseconds since 1970.
    pub start: u64,
    pub end: u64,
    pub attributes: Vec<KeyValue>,
    pub status: Status,
}

/// `SpanKind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Server = 2,
    Client = 3,
}

/// `Status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Unset = 0,
    Error = 2,
}

impl Message for Span {
    fn fields(&self, out: &mut dyn Fields) {
        out.id((1, "traceId"), &self.trace_id.0);
        out.id((2, "spanId"), &self.span_id.0);
        if !self.trace_state.is_empty() {
            out.text((3, "traceState"), &self.trace_state);
        }
        if let Some(parent) = &self.parent {
            out.id((4, "parentSpanId"), &parent.0);
        }
        out.text((5, "name"), &self.name);
        out.number((6, "kind"), self.kind as u32);
        out.fixed64((7, "startTimeUnixNano"), self.start);
        out.fixed64((8, "endTimeUnixNano"), self.end);
        attributes((9, "attributes"), &self.attributes, out);
        out.message((15, "status"), &self.status);
        out.fixed32((16, "flags"), self.flags);
    }
}

impl Message for Status {
    fn fields(&self, out: &mut dyn Fields) {
        out.number((3, "code"), *self as u32);
    }
}
