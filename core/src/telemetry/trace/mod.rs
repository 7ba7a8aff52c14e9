//! The trace that a request belongs to (W3C Trace Context, <https://www.w3.org/TR/trace-context/>).

mod parent;
mod spans;
mod state;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::otlp::{Id, SpanId, TraceId};
use crate::platform::SecureRandom;
use parent::Parent;
pub use spans::{UpstreamCall, server_span};

/// `traceparent` and `tracestate`: what a caller says of its trace, and what an upstream may be told.
pub const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");
pub const TRACE_STATE: HeaderName = HeaderName::from_static("tracestate");

/// A request's place in its trace.
#[derive(Debug)]
pub struct Trace {
    pub id: TraceId,
    /// The request's own span.
    pub span: SpanId,
    /// The caller's span, if it told one.
    pub parent: Option<SpanId>,
    /// Whether spans of this trace are sent.
    pub sampled: bool,
    /// The caller's `tracestate`; empty without one.
    pub state: String,
}

impl Trace {
    /// Goes on with the caller's trace, whose `sampled` flag then holds, or begins one of which the share `ratio` is sampled.
    pub fn begin(headers: &HeaderMap, ratio: f64, random: &dyn SecureRandom) -> Self {
        let span = new_span(random);
        match Parent::read(headers) {
            Some(Parent { trace, span: parent, sampled }) => {
                Self { id: trace, span, parent: Some(parent), sampled, state: state::read(headers) }
            }
            None => {
                let id: TraceId = new_id(random);
                Self { id, span, parent: None, sampled: is_in(ratio, id), state: String::new() }
            }
        }
    }

    /// The flags of `traceparent`: only `sampled` is known.
    pub fn flags(&self) -> u32 {
        u32::from(self.sampled)
    }

    /// Tells an upstream the trace, with the span of the call to it as the parent.
    pub fn write(&self, span: SpanId, headers: &mut HeaderMap) {
        let parent = format!("00-{}-{}-{:02x}", self.id.to_hex(), span.to_hex(), self.flags());
        if let Ok(value) = HeaderValue::from_str(&parent) {
            headers.insert(TRACE_PARENT, value);
        }
        match HeaderValue::from_str(&self.state) {
            Ok(value) if !value.is_empty() => headers.insert(TRACE_STATE, value),
            _ => headers.remove(TRACE_STATE),
        };
    }
}

/// An identifier that no other span of the trace has.
pub fn new_span(random: &dyn SecureRandom) -> SpanId {
    new_id(random)
}

fn new_id<const N: usize>(random: &dyn SecureRandom) -> Id<N> {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    // All zeros would be none, and are as likely as any other value.
    if bytes == [0; N] { Id([1; N]) } else { Id(bytes) }
}

/// The last 7 bytes of a trace's id are random (W3C Trace Context Level 2, §3.2.2.3.1), so that everybody who samples by them
/// decides the same.
fn is_in(ratio: f64, id: TraceId) -> bool {
    const RANGE: f64 = 72_057_594_037_927_936.0;
    let random = id.0.iter().skip(9).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    (random as f64) < ratio * RANGE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Sevens, test};

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_callers_trace_goes_on() {
        let trace = Trace::begin(&headers(&[("traceparent", PARENT), ("tracestate", "a=1"), ("tracestate", "b=2")]), 0.0, &Sevens);
        assert!(trace.sampled);
        let mut sent = headers(&[("traceparent", "x"), ("tracestate", "x")]);
        trace.write(new_span(&Sevens), &mut sent);
        assert_eq!(sent[TRACE_PARENT], "00-0af7651916cd43dd8448eb211c80319c-0707070707070707-01");
        assert_eq!(sent[TRACE_STATE], "a=1,b=2");
    }

    #[test]
    fn a_trace_begins_here() {
        for (ratio, sampled) in [(0.0, false), (0.02, false), (0.03, true), (1.0, true)] {
            let trace = Trace::begin(&headers(&[("tracestate", "a=1")]), ratio, &Sevens);
            assert_eq!((trace.sampled, trace.parent, trace.state.as_str()), (sampled, None, ""), "{ratio}");
            let mut sent = headers(&[("tracestate", "x")]);
            trace.write(trace.span, &mut sent);
            assert!(!sent.contains_key(TRACE_STATE));
        }
    }
}
