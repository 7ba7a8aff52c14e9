use std::rc::Rc;

use http::{HeaderMap, Request, Response};
use serde::Serialize;

use super::entry::ServiceFacts;
use super::export::Exporter;
use super::metrics::{Activity, ServiceKey};
use super::otlp::{AnyValue, LogRecord, Signal, encode};
use super::outcome::Outcome;
use super::trace::{Trace, UpstreamCall, new_span, server_span};
use crate::platform::{Body, HttpError, Platform};

/// What of one request is sent to the collector.
pub struct Report {
    exporter: Rc<Exporter>,
    platform: Platform,
    trace: Trace,
    calls: Vec<UpstreamCall>,
    activity: Option<Activity>,
}

/// Calls to upstreams that have a span each.
const MAX_CALLS: usize = 32;

impl Report {
    /// Begins with the request, whose headers may name its trace.
    pub fn begin(exporter: &Rc<Exporter>, platform: &Platform, headers: &HeaderMap) -> Self {
        let trace = Trace::begin(headers, exporter.settings.sampling, platform.random.as_ref());
        Self { exporter: exporter.clone(), platform: platform.clone(), trace, calls: Vec::new(), activity: None }
    }

    pub(super) fn service(&mut self, facts: &ServiceFacts) {
        self.activity = self.exporter.begin(ServiceKey::of(facts));
    }

    /// A call to the upstream begins. It is told the trace if the configuration says so.
    pub(super) fn calling<B>(&mut self, request: &mut Request<B>) {
        let settings = &self.exporter.settings;
        let span = if settings.sends(Signal::Traces) { Some(new_span(self.platform.random.as_ref())) } else { self.trace.parent };
        let Some(span) = span else { return };
        if settings.propagate {
            self.trace.write(span, request.headers_mut());
        }
        if settings.sends(Signal::Traces) && self.trace.sampled && self.calls.len() < MAX_CALLS {
            self.calls.push(UpstreamCall::begin(span, request, self.platform.clock.now()));
        }
    }

    /// The last call has an answer, or will have none.
    pub(super) fn called(&mut self, answer: &Result<Response<Body>, HttpError>) {
        if let Some(call) = self.calls.last_mut().filter(|call| call.is_open()) {
            call.end(answer, self.platform.clock.now());
        }
    }

    /// Hands everything over when the request has ended. `id` is the request's, `entry` that of the access log.
    pub(super) fn finish(self, id: &str, outcome: &Outcome<'_>, entry: &impl Serialize) {
        let Self { exporter, platform, trace, calls, activity } = self;
        drop(activity);
        let settings = &exporter.settings;
        let log = settings.sends(Signal::Logs).then(|| {
            let body = serde_json::to_value(entry).unwrap_or_default();
            let time = outcome.ended.into();
            encode(settings.protocol, &LogRecord::info(time, AnyValue::new(&body), trace.id, trace.span, trace.flags()))
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
