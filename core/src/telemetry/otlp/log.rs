use serde::Serialize;

use super::{AnyValue, Message, Nanoseconds, SpanId, TraceId, Writer};

/// `LogRecord`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogRecord<'a> {
    pub time_unix_nano: Nanoseconds,
    pub observed_time_unix_nano: Nanoseconds,
    pub severity_number: u32,
    pub severity_text: &'static str,
    pub body: AnyValue<'a>,
    /// The flags of the trace (W3C Trace Context §3.2.2.5).
    pub flags: u32,
    pub trace_id: TraceId,
    pub span_id: SpanId,
}

/// `SEVERITY_NUMBER_INFO`.
const INFO: u32 = 9;

impl<'a> LogRecord<'a> {
    /// An entry of severity INFO.
    pub fn info(time: Nanoseconds, body: AnyValue<'a>, trace_id: TraceId, span_id: SpanId, flags: u32) -> Self {
        Self {
            time_unix_nano: time,
            observed_time_unix_nano: time,
            severity_number: INFO,
            severity_text: "INFO",
            body,
            flags,
            trace_id,
            span_id,
        }
    }
}

impl Message for LogRecord<'_> {
    fn write(&self, out: &mut Writer) {
        out.fixed64(1, self.time_unix_nano.0);
        out.varint(2, u64::from(self.severity_number));
        out.bytes(3, self.severity_text.as_bytes());
        out.message(5, &self.body);
        out.fixed32(8, self.flags);
        out.bytes(9, &self.trace_id.0);
        out.bytes(10, &self.span_id.0);
        out.fixed64(11, self.observed_time_unix_nano.0);
    }
}
