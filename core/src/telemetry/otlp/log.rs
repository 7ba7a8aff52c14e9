use super::message::{Fields, Message};
use super::{AnyValue, SpanId, TraceId};

/// `LogRecord` of severity INFO.
#[derive(Debug)]
pub struct LogRecord<'a> {
    /// When it happened and was observed, in nanoseconds since 1970.
    pub time: u64,
    pub body: AnyValue<'a>,
    /// The flags of the trace (W3C Trace Context §3.2.2.5).
    pub flags: u32,
    pub trace_id: TraceId,
    pub span_id: SpanId,
}

/// `SEVERITY_NUMBER_INFO`.
const INFO: u32 = 9;

impl Message for LogRecord<'_> {
    fn fields(&self, out: &mut dyn Fields) {
        out.fixed64((1, "timeUnixNano"), self.time);
        out.number((2, "severityNumber"), INFO);
        out.text((3, "severityText"), "INFO");
        out.message((5, "body"), &self.body);
        out.fixed32((8, "flags"), self.flags);
        out.id((9, "traceId"), &self.trace_id.0);
        out.id((10, "spanId"), &self.span_id.0);
        out.fixed64((11, "observedTimeUnixNano"), self.time);
    }
}
