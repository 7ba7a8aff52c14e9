//! Spans of a request, by the semantic conventions of HTTP.

use http::uri::Authority;
use http::{Request, Response};

use super::Trace;
use crate::platform::{Body, HttpError, Timestamp};
use crate::telemetry::otlp::{KeyValue, Kind, Span, SpanId, Status, attribute, nanoseconds};
use crate::telemetry::outcome::{Outcome, known_method};

/// `SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE`, and `…_IS_REMOTE`: the parent is another process's.
const HAS_IS_REMOTE: u32 = 0x100;
const IS_REMOTE: u32 = 0x200;

/// A call to an upstream.
#[derive(Debug)]
pub struct UpstreamCall {
    pub span: SpanId,
    method: String,
    url: String,
    authority: Option<Authority>,
    started: Timestamp,
    ended: Option<Timestamp>,
    status: Option<u16>,
    error: Option<&'static str>,
}

impl UpstreamCall {
    pub fn begin<B>(span: SpanId, request: &Request<B>, now: Timestamp) -> Self {
        let uri = request.uri();
        let authority = uri.authority().cloned();
        // Without the query, as some upstreams take their credential there.
        let (scheme, host) = (uri.scheme_str().unwrap_or_default(), authority.as_ref().map_or("", Authority::as_str));
        let url = format!("{scheme}://{host}{}", uri.path());
        Self { span, method: request.method().to_string(), url, authority, started: now, ended: None, status: None, error: None }
    }

    pub fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    /// The answer's head is there, or never will be. The time that its body takes is the request's.
    pub fn end(&mut self, answer: &Result<Response<Body>, HttpError>, now: Timestamp) {
        self.ended = Some(now);
        match answer {
            Ok(response) => self.status = Some(response.status().as_u16()),
            Err(error) => self.error = Some(error_type(error)),
        }
    }

    /// The span. A call that has not ended was given up with its request. `resends` are the calls before it.
    pub fn into_span(self, trace: &Trace, given_up: Timestamp, resends: usize) -> Span {
        let mut attributes = method(&self.method);
        attributes.push(attribute("url.full", self.url));
        attributes.extend(self.authority.iter().flat_map(|authority| server(authority.host(), authority.port_u16())));
        attributes.extend(self.status.map(|status| attribute("http.response.status_code", status)));
        if resends > 0 {
            attributes.push(attribute("http.request.resend_count", resends));
        }
        let error = match (self.error, self.status, self.ended) {
            (Some(error), ..) => Some(error.to_owned()),
            (None, Some(status), _) => (status >= 400).then(|| status.to_string()),
            (None, None, _) => Some("cancelled".to_owned()),
        };
        let status = if error.is_some() { Status::Error } else { Status::Unset };
        attributes.extend(error.map(|error| attribute("error.type", error)));
        Span {
            trace_id: trace.id,
            span_id: self.span,
            trace_state: trace.state.clone(),
            parent: Some(trace.span),
            flags: trace.flags() | HAS_IS_REMOTE,
            name: known_method(&self.method).to_owned(),
            kind: Kind::Client,
            start: nanoseconds(self.started),
            end: nanoseconds(self.ended.unwrap_or(given_up)),
            attributes,
            status,
        }
    }
}

/// The span of the request itself.
pub fn server_span(trace: &Trace, id: &str, outcome: &Outcome<'_>) -> Span {
    let (request, response) = (outcome.request, outcome.response);
    let mut attributes = method(&request.method);
    attributes.push(attribute("url.scheme", outcome.scheme()));
    attributes.push(attribute("network.protocol.version", outcome.protocol_version()));
    attributes.push(attribute("http.response.status_code", response.code));
    attributes.push(attribute("postern.request.id", id));
    if !request.path.is_empty() {
        attributes.push(attribute("url.path", request.path.as_str()));
    }
    if let Ok(authority) = request.host.parse::<Authority>() {
        attributes.extend(server(authority.host(), authority.port_u16()));
    }
    for (name, value) in [("user_agent.original", &request.user_agent), ("client.address", &request.client_address)] {
        attributes.extend(value.as_deref().map(|value| attribute(name, value)));
    }
    let mut name = outcome.method().to_owned();
    if let Some(facts) = outcome.service {
        // The low-cardinality target of the name. It is no `http.route`, which is a template of paths.
        name = format!("{name} {}", facts.service.name);
        attributes.push(attribute("postern.svc.name", facts.service.name.as_str()));
        attributes.push(attribute("postern.namespace.name", facts.namespace.name.as_str()));
        attributes.push(attribute("postern.mode", facts.mode));
    }
    let error = outcome.error_type();
    let status = if error.is_some() { Status::Error } else { Status::Unset };
    attributes.extend(error.map(|error| attribute("error.type", error)));
    Span {
        trace_id: trace.id,
        span_id: trace.span,
        trace_state: trace.state.clone(),
        parent: trace.parent,
        flags: trace.flags() | HAS_IS_REMOTE | if trace.parent.is_some() { IS_REMOTE } else { 0 },
        name,
        kind: Kind::Server,
        start: nanoseconds(outcome.started),
        end: nanoseconds(outcome.ended),
        attributes,
        status,
    }
}

fn method(method: &str) -> Vec<KeyValue> {
    let known = known_method(method);
    let mut attributes = vec![attribute("http.request.method", known)];
    if known != method {
        attributes.push(attribute("http.request.method_original", method));
    }
    attributes
}

fn server(host: &str, port: Option<u16>) -> Vec<KeyValue> {
    let mut attributes = vec![attribute("server.address", host)];
    attributes.extend(port.map(|port| attribute("server.port", port)));
    attributes
}

/// `error.type` of a call without an answer.
fn error_type(error: &HttpError) -> &'static str {
    match error {
        HttpError::Connect(_) => "connect",
        HttpError::Lost(_) => "lost",
        HttpError::NoContainer(_) => "no_container",
        HttpError::Forbidden(_) => "forbidden",
        HttpError::Broken(_) => "broken",
        HttpError::TooLarge { .. } => "response_too_large",
        HttpError::Timeout => "timeout",
        HttpError::RequestBody(_) => "request_body",
    }
}
