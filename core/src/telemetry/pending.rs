//! An entry that is written when it is dropped, so that no outcome is without one.

use std::cell::Cell;
use std::rc::Rc;

use http::{HeaderMap, HeaderValue, Method, Request, Response, Version};

use super::Report;
use super::entry::{
    Bodies, Common, Document, Entry, ErrorFacts, Http, Info, Metadata, Reason, Reference, RequestFacts, ResponseFacts, ServiceFacts,
};
use super::observed_body::CountedBody;
use super::outcome::Outcome;
use super::shown_body::ShownBody;
use super::visibility::{Visibility, Visible};
use crate::auth::holds_gateway_token;
use crate::error::{Blame, GatewayError, Retry};
use crate::events::BrokeOff;
use crate::platform::{Body, Clock, HttpError, LogSink, Platform, Timestamp};
use crate::receive::{Client, Received, RequestId};
use crate::secret::SecretValue;

/// What is known so far of a request. Dropping it writes the entry: at the end of the body, or wherever the request ended.
pub struct PendingEntry {
    clock: Rc<dyn Clock>,
    log: Rc<dyn LogSink>,
    id: RequestId,
    started: Timestamp,
    first_byte: Option<Timestamp>,
    version: Version,
    allowed: bool,
    reason: Option<Reason>,
    user: Option<Reference>,
    session: Option<Reference>,
    service: Option<ServiceFacts>,
    region: Option<String>,
    route: Option<String>,
    config_name: Option<String>,
    plugin: Option<String>,
    retries: u32,
    error: Option<ErrorFacts>,
    request: RequestFacts,
    upload: Rc<Cell<u64>>,
    response: ResponseFacts,
    /// Why a stream ended before it was complete, where its end does not show that.
    broke_off: BrokeOff,
    /// The response's body, as far as the log may hold it.
    shown: Option<ShownBody>,
    /// What the upstream was given, and its answer may repeat.
    credential: Vec<SecretValue>,
    report: Option<Report>,
}

/// The code of a request whose caller went away before there was an answer, as web servers have it.
const CLIENT_CLOSED_REQUEST: u16 = 499;

impl PendingEntry {
    /// Begins the entry; the request's time counts from here. `report` tells a collector of the request too.
    pub fn new(
        platform: &Platform,
        id: RequestId,
        client: Client,
        method: &Method,
        region: Option<String>,
        report: Option<Report>,
    ) -> Self {
        let (clock, log) = (platform.clock.clone(), platform.log.clone());
        let started = clock.now();
        // What is known also of a request that cannot be understood.
        let request =
            RequestFacts { method: method.to_string(), client_address: client.ip.map(|ip| ip.to_string()), ..RequestFacts::default() };
        Self {
            clock,
            log,
            id,
            started,
            first_byte: None,
            version: client.version,
            allowed: false,
            reason: None,
            user: None,
            session: None,
            service: None,
            region,
            route: None,
            config_name: None,
            plugin: None,
            retries: 0,
            error: None,
            request,
            upload: Rc::default(),
            response: ResponseFacts { code: CLIENT_CLOSED_REQUEST, ..ResponseFacts::default() },
            broke_off: BrokeOff::default(),
            shown: None,
            credential: Vec::new(),
            report,
        }
    }

    /// What the request says of itself.
    pub fn received(&mut self, received: &Received) {
        let text = |name: &str| received.headers.get(name).and_then(|value| value.to_str().ok()).map(without_query).map(without_tokens);
        self.request = RequestFacts {
            path: without_tokens(received.path.as_str()),
            host: received.authority.clone(),
            scheme: received.scheme.clone(),
            user_agent: text("user-agent"),
            referer: text("referer"),
            origin: text("origin"),
            body_bytes: received.headers.get(http::header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok()),
            ..std::mem::take(&mut self.request)
        };
    }

    pub fn service(&mut self, facts: ServiceFacts) {
        if let Some(report) = &mut self.report {
            report.service(&facts);
        }
        self.service = Some(facts);
    }

    pub fn identity(&mut self, user: Reference, session: Reference) {
        self.user = Some(user);
        self.session = Some(session);
    }

    /// Whether the request may pass, and the rule that said so.
    pub fn decided(&mut self, allowed: bool, reason: Option<Reason>) {
        self.allowed = allowed;
        self.reason = reason;
    }

    /// The route that led to the Service.
    pub fn route(&mut self, label: &str) {
        self.route = Some(label.to_owned());
    }

    /// The configuration that holds; `None` for the default.
    pub fn config(&mut self, name: Option<&str>) {
        self.config_name = name.map(str::to_owned);
    }

    /// The plugin that answered in the upstream's place.
    pub fn answered_by(&mut self, plugin: &str) {
        self.plugin = Some(plugin.to_owned());
    }

    /// The request is sent once more.
    pub fn repeated(&mut self) {
        self.retries += 1;
    }

    /// What the upstream calls the request, for asking its operator.
    pub fn upstream_id(&mut self, id: &HeaderValue) {
        self.response.upstream_id = id.to_str().ok().map(without_tokens);
    }

    /// Why the gateway answers in the upstream's place.
    pub fn failed(&mut self, error: &GatewayError) {
        let blame = match error.kind.blame() {
            Blame::Client => "client",
            Blame::Upstream => "upstream",
            Blame::Gateway => "gateway",
        };
        self.error = Some(ErrorFacts { kind: error.kind.code(), blame, retry: error.retry != Retry::No, detail: error.detail.clone() });
    }

    /// What was read of the body: its length in bytes, and what of it may be logged.
    pub fn request_body(&mut self, length: u64, bodies: Bodies) {
        self.request.body_bytes = Some(length);
        self.request.bodies = bodies;
    }

    /// Of the headers those that may be logged.
    pub fn request_headers(&mut self, headers: &HeaderMap, visible: &Visible) {
        self.request.headers = visible.select(headers);
    }

    /// Counts what is uploaded, where the bytes pass through the core.
    pub fn count_upload(&self, body: Body) -> Body {
        CountedBody::wrap(body, self.upload.clone())
    }

    /// Where a stream that ends in an error says why.
    pub fn broke_off(&self) -> BrokeOff {
        self.broke_off.clone()
    }

    /// Tells the upstream the trace, if the configuration says so.
    pub fn propagate(&mut self, headers: &mut HeaderMap) {
        if let Some(report) = &mut self.report {
            report.propagate(headers);
        }
    }

    /// A call to the upstream begins, with a credential that its answer may repeat.
    pub fn calling<B>(&mut self, request: &Request<B>, credential: &[SecretValue]) {
        self.credential = credential.to_vec();
        if let Some(report) = &mut self.report {
            report.calling(request);
        }
    }

    /// The call has an answer, or will have none.
    pub fn called(&mut self, answer: &Result<Response<Body>, HttpError>) {
        if let Some(report) = &mut self.report {
            report.called(answer);
        }
    }

    /// The head of the response; the first byte counts from here.
    pub fn responded(&mut self, status: http::StatusCode, headers: &HeaderMap, visibility: Option<&Visibility>) {
        self.response.code = status.as_u16();
        self.response.content_type = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
        self.response.body_bytes = headers.get(http::header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        if let Some(visibility) = visibility {
            self.response.headers = visibility.response_headers.select(headers);
            self.shown = ShownBody::begin(visibility, status, headers);
        }
        self.first_byte = Some(self.clock.now());
    }

    /// Whether the log may hold the response's body.
    pub(super) fn shows_body(&self) -> bool {
        self.shown.is_some()
    }

    /// A part of the response's body.
    pub(super) fn show(&mut self, part: &[u8]) {
        if let Some(shown) = &mut self.shown {
            shown.add(part);
        }
    }

    /// Bytes of the response's body so far; the first sets the time to the first byte.
    pub(super) fn progress(&mut self, total: u64, first: bool) {
        self.response.body_bytes = Some(total);
        if first {
            self.first_byte = Some(self.clock.now());
        }
    }

    pub(super) fn incomplete(&mut self, incomplete: bool) {
        self.response.incomplete = incomplete;
    }

    /// The upstream did not send the body to its end.
    pub(super) fn broken(&mut self, why: &GatewayError) {
        self.incomplete(true);
        self.failed(why);
    }
}

impl Drop for PendingEntry {
    fn drop(&mut self) {
        let ended = self.clock.now();
        if self.upload.get() > 0 {
            self.request.body_bytes = Some(self.upload.get());
        }
        let why = self.broke_off.take();
        if let Some(why) = why {
            self.broken(&why);
        }
        if let Some(shown) = self.shown.take().filter(|_| !self.response.incomplete) {
            self.response.bodies = shown.finish(&self.credential);
        }
        let report = self.report.take();
        let Ok(line) = serde_json::to_string(&self.document(ended)) else { return };
        self.log.write(&line);
        if let Some(report) = report {
            report.finish(self.id.as_str(), &self.outcome(ended), &line);
        }
    }
}

impl PendingEntry {
    fn document(&self, ended: Timestamp) -> Document<'_> {
        let service = self.service.as_ref();
        Document {
            api_version: "core/v1",
            kind: "AccessLog",
            metadata: Metadata {
                id: self.id.as_str(),
                created_at: ended.to_rfc3339(),
                actor_ref: self.session.as_ref(),
                target_ref: service.map(|facts| &facts.service),
            },
            entry: Entry {
                common: Common {
                    started_at: self.started.to_rfc3339(),
                    ended_at: ended.to_rfc3339(),
                    status: if self.allowed { "ALLOWED" } else { "DENIED" },
                    mode: service.map(|facts| facts.mode),
                    reason: self.reason.as_ref(),
                    session_ref: self.session.as_ref(),
                    session_id: self.session.as_ref().map(|session| session.uid.as_str()),
                    user_ref: self.user.as_ref(),
                    service_ref: service.map(|facts| &facts.service),
                    namespace_ref: service.map(|facts| &facts.namespace),
                    region_ref: self.region.as_ref().map(|region| Reference::new("Region", "", region)),
                    is_public: service.is_some_and(|facts| facts.is_public),
                    is_anonymous: service.is_some_and(|facts| facts.is_anonymous),
                    route: self.route.as_deref(),
                    config_name: self.config_name.as_deref(),
                    plugin: self.plugin.as_deref(),
                    retries: self.retries,
                    duration_ms: milliseconds(self.started, ended),
                    time_to_first_byte_ms: self.first_byte.map(|at| milliseconds(self.started, at)),
                    error: self.error.as_ref(),
                },
                info: Info { http: Http { request: &self.request, response: &self.response, http_version: version_name(self.version) } },
            },
        }
    }

    fn outcome(&self, ended: Timestamp) -> Outcome<'_> {
        Outcome {
            started: self.started,
            ended,
            first_byte: self.first_byte,
            service: self.service.as_ref(),
            version: version_name(self.version),
            allowed: self.allowed,
            reason: self.reason.as_ref().map(|reason| reason.r#type),
            authenticated: self.user.is_some(),
            error: self.error.as_ref(),
            request: &self.request,
            response: &self.response,
        }
    }
}

fn milliseconds(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.since(from).as_millis()).unwrap_or(u64::MAX)
}

/// A referring page's query may hold a key.
fn without_query(text: &str) -> &str {
    text.split(['?', '#']).next().unwrap_or_default()
}

/// Callers put their token into the oddest places.
fn without_tokens(text: &str) -> String {
    let clean = |segment| if holds_gateway_token(str::as_bytes(segment)) { "(token)" } else { segment };
    text.split('/').map(clean).collect::<Vec<_>>().join("/")
}

fn version_name(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 | Version::HTTP_10 => "HTTP10",
        Version::HTTP_2 => "HTTP2",
        Version::HTTP_3 => "HTTP3",
        _ => "HTTP11",
    }
}
