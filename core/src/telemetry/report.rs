use std::rc::Rc;

use http::{HeaderMap, Request, Response};

use super::entry::ServiceFacts;
use super::export::Exporter;
use super::metrics::{Activity, ServiceKey};
use super::otlp::{AnyValue, LogRecord, Signal, SpanId, encode, nanoseconds};
use super::outcome::Outcome;
use super::trace::{Trace, UpstreamCall, new_span, server_span};
use crate::platform::{Body, HttpError, Platform};

/// What of one request is sent to the collector.
pub struct Report {
    exporter: Rc<Exporter>,
    platform: Platform,
    trace: Trace,
    /// The span of the next call.
    next: Option<SpanId>,
    calls: Vec<UpstreamCall>,
    activity: Option<Activity>,
}

/// Calls to upstreams that have a span each.
const MAX_CALLS: usize = 32;

impl Report {
    /// Begins with the request, whose headers may name its trace.
    pub fn begin(exporter: &Rc<Exporter>, platform: &Platform, headers: &HeaderMap) -> Self {
        let trace = Trace::begin(headers, exporter.settings.sampling, platform.random.as_ref());
        Self { exporter: exporter.clone(), platform: platform.clone(), trace, next: None, calls: Vec::new(), activity: None }
    }

    pub(super) fn service(&mut self, facts: &ServiceFacts) {
        self.activity = self.exporter.begin(ServiceKey::of(facts));
    }

    /// Tells an upstream the trace that the next call to it belongs to, if the configuration says so.
    pub(super) fn propagate(&mut self, headers: &mut HeaderMap) {
        let settings = &self.exporter.settings;
        // Without spans of the gateway's own, the caller's span is the parent.
        self.next = if settings.sends(Signal::Traces) { Some(new_span(self.platform.random.as_ref())) } else { self.trace.parent };
        if let Some(span) = self.next.filter(|_| settings.propagate) {
            self.trace.write(span, headers);
        }
    }

    /// The call begins.
    pub(super) fn calling<B>(&mut self, request: &Request<B>) {
        let is_told = self.exporter.settings.sends(Signal::Traces) && self.trace.sampled && self.calls.len() < MAX_CALLS;
        if let Some(span) = self.next.filter(|_| is_told) {
            self.calls.push(UpstreamCall::begin(span, request, self.platform.clock.now()));
        }
    }

    /// The last call has an answer, or will have none.
    pub(super) fn called(&mut self, answer: &Result<Response<Body>, HttpError>) {
        if let Some(call) = self.calls.last_mut().filter(|call| call.is_open()) {
            call.end(answer, self.platform.clock.now());
        }
    }

    /// Hands everything over when the request has ended. `id` is the request's, `line` that of the access log.
    pub(super) fn finish(self, id: &str, outcome: &Outcome<'_>, line: &str) {
        let Self { exporter, platform, trace, calls, activity, .. } = self;
        drop(activity);
        let settings = &exporter.settings;
        let log = settings.sends(Signal::Logs).then(|| {
            // To read the line once more costs less than a second way to write the entry: that would be a fifth of all this in Wasm.
            let entry = serde_json::from_str(line).unwrap_or_default();
            let (time, body, flags) = (nanoseconds(outcome.ended), AnyValue::new(&entry), trace.flags());
            encode(settings.protocol, &LogRecord { time, body, flags, trace_id: trace.id, span_id: trace.span })
        });
        let mut spans = Vec::new();
        if settings.sends(Signal::Traces) && trace.sampled {
            spans.push(encode(settings.protocol, &server_span(&trace, id, outcome)));
            let calls = calls.into_iter().enumerate();
            spans.extend(calls.map(|(resends, call)| encode(settings.protocol, &call.into_span(&trace, outcome.ended, resends))));
        }
        exporter.record(&platform, log, spans, outcome);
    }
}
