//! The whole request, top to bottom. Each step takes the type that the one before returned, so a request that was not
//! authorized cannot be forwarded: there is no way to make a `Forwardable` without an `Authorized`.

mod attempt;
mod authorize;
mod context;
mod destination;
mod endpoint;
mod forward;
mod installed;
mod plugins;

use std::cell::{Cell, RefCell};
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use http::header::CONTENT_LENGTH;
use http::{Method, Response};

use crate::body;
use crate::error::{ErrorKind, GatewayError, Shape};
use crate::explain::Step;
use crate::grpc;
use crate::platform::{Body, Capability, Platform, Timestamp};
use crate::plugin::Hooks;
use crate::receive::{CleanPath, REQUEST_ID, Received, RequestId, receive};
pub use crate::receive::{Client, Incoming};
use crate::resource::service::Mode;
use crate::route::Matched;
use crate::service::Service;
use crate::snapshot::Snapshot;
use crate::telemetry::{PendingEntry, Report, observe};
use destination::Destination;
use installed::Installed;
use plugins::Outcome;

/// What a host tells the gateway about itself.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Where this deployment runs, as `ctx.region` and in the access log.
    pub region: Option<String>,
    /// Where clients reach the gateway when `Gateway.spec.url` does not say so.
    pub base_url: Option<String>,
    /// Bytes of a body that rules may read, unless the configuration says otherwise.
    pub max_request_size: u64,
}

/// A configuration, ready to serve. Plain data: a host makes one for each of its threads or instances.
#[derive(Clone)]
pub struct Gateway {
    /// Replaced as a whole; a request keeps the one it began with.
    installed: Rc<RefCell<Rc<Installed>>>,
    checked: Rc<Cell<Option<Timestamp>>>,
}

/// How often an instance looks for a newer configuration in the store, where a look costs a way across the network, and where not.
const CHECK_EVERY: Duration = Duration::from_secs(30);
const CHECK_EVERY_LOCALLY: Duration = Duration::from_secs(2);

impl Gateway {
    /// Starts with a Snapshot that the deployment brings along.
    pub fn new(snapshot: Snapshot, settings: Settings) -> Self {
        let installed = Rc::new(Installed::new(snapshot, settings));
        Self { installed: Rc::new(RefCell::new(installed)), checked: Rc::default() }
    }

    /// Answers one request. Every outcome, also a caller that goes away, leaves one entry in the access log.
    pub async fn handle(&self, platform: &Platform, incoming: Incoming) -> Response<Body> {
        self.look_for_newer(platform);
        let installed = &self.installed();
        let (client, method) = (incoming.client, incoming.request.method().clone());
        // A request that only somebody listens to never was.
        let exporter = installed.exporter.as_ref().filter(|_| platform.listener.is_none());
        let report = exporter.map(|exporter| Report::begin(exporter, platform, incoming.request.headers()));
        let (id, received) = match receive(incoming, platform.random.as_ref(), platform.capabilities) {
            Ok(received) => (received.id.clone(), Ok(received)),
            Err((id, error)) => (id, Err(error)),
        };
        let mut entry = PendingEntry::new(platform, id.clone(), client, &method, installed.settings.region.clone(), report);
        let answer = match received {
            Ok(received) => {
                entry.received(&received);
                // Nothing panics that we know of. If something does, it ends one request and not all of them, where the host can go on.
                let answering = Box::pin(answer(installed, platform, received, &mut entry));
                let answered = AssertUnwindSafe(answering).catch_unwind().await;
                answered.unwrap_or_else(|_| Err(GatewayError::new(ErrorKind::Internal, "the gateway panicked")))
            }
            Err(error) => Err(error),
        };
        let response = answer.unwrap_or_else(|error| {
            entry.failed(&error);
            let response = error.into_response();
            entry.responded(response.status(), response.headers(), None);
            response
        });
        finish(response, &method, &id, entry)
    }

    fn installed(&self) -> Rc<Installed> {
        self.installed.borrow().clone()
    }

    /// Two looks may overlap where the store is slow, and the one that began first may end last.
    fn install(&self, newer: Installed) {
        if newer.snapshot.generation > self.installed().snapshot.generation {
            self.installed.replace(Rc::new(newer));
        }
    }

    /// Looks for a newer configuration in the store, in the background of a request, at most every so often. What is taken serves
    /// from the next request on; whatever is wrong with it is logged, and the running one stays.
    fn look_for_newer(&self, platform: &Platform) {
        let now = platform.clock.now();
        let every = if platform.store.reuse_for().is_zero() { CHECK_EVERY_LOCALLY } else { CHECK_EVERY };
        if self.checked.get().is_some_and(|checked| now.is_within(every, checked)) {
            return;
        }
        self.checked.set(Some(now));
        let (gateway, platform_of_task) = (self.clone(), platform.clone());
        platform.tasks.wait_until(Box::pin(async move {
            let running = gateway.installed();
            match running.newer(&platform_of_task).await {
                Ok(Some(newer)) => gateway.install(newer),
                Ok(None) => {}
                Err(why) => {
                    platform_of_task.log.write(&serde_json::json!({"kind": "ComponentLog", "level": "error", "message": why}).to_string())
                }
            }
        }));
    }
}

/// From a clean request to an answer.
async fn answer(
    installed: &Rc<Installed>,
    platform: &Platform,
    received: Received,
    entry: &mut PendingEntry,
) -> Result<Response<Body>, GatewayError> {
    // The gateway's own endpoints come first, so that no Service can stand in front of the token endpoint.
    let (service, path, route) = match destination::of(installed, &received)? {
        Destination::Gateway => return endpoint::answer(installed, platform, received, entry).await,
        Destination::Service { service, path, route } => (service, path, route),
        Destination::Nowhere => return Err(GatewayError::new(ErrorKind::NotFound, "no Service has this host and path")),
    };
    entry.service(service.facts.clone());
    let label = route.as_ref().map(|route| route.label.as_str());
    if let Some(label) = label {
        entry.route(label);
    }
    platform.tell(|| Step::Routed { service: &service.name, path: path.as_str(), route: label });
    // A Service that is switched off says so to everybody, before anything is looked at.
    installed.check_served(&service)?;
    if service.mode == Mode::Grpc && !platform.capabilities.has(Capability::Grpc) {
        return Err(GatewayError::new(ErrorKind::NotImplemented, "mode GRPC needs trailers, which cannot pass through this host"));
    }
    // A browser asks for a page before it sends a token, so that question comes before everything that wants one.
    let page = service.cors().map(|cors| cors.page(&received, &installed.snapshot.domain));
    if let Some(asked) = page.as_ref().and_then(|page| page.preflight(&received)) {
        entry.decided(asked.is_ok(), None);
        let response = asked?;
        entry.responded(response.status(), response.headers(), None);
        return Ok(response);
    }
    // Whoever speaks gRPC understands no other refusal.
    let is_grpc = service.mode == Mode::Grpc && grpc::is_grpc(&received.headers);
    let answer = serve(installed, platform, &service, (received, path, route.as_ref()), entry).await;
    let answer = answer.map_err(|error| match error.shape {
        _ if is_grpc => error.shaped(Shape::Grpc),
        Shape::OpenAi => error.shaped(service.shape()),
        _ => error,
    });
    // The page may read whatever the answer is, refusals too: how else would it learn of them.
    match page {
        Some(page) => page.tell(answer),
        None => answer,
    }
}

/// A request to a Service.
async fn serve(
    installed: &Installed,
    platform: &Platform,
    service: &Service,
    (mut received, mut path, route): (Received, CleanPath, Option<&Matched>),
    entry: &mut PendingEntry,
) -> Result<Response<Body>, GatewayError> {
    // Where somebody is sent who opened a page and may not. Before plugins, which may change what was opened.
    let visit = installed.visit(service, &received);
    // Plugins that run before anybody is known. What they change, everything below sees.
    let mut hooks = Hooks::default();
    let callouts = installed.callouts(service);
    let request = (&mut received, &mut path);
    let before = plugins::before_authentication(installed, platform, service, &callouts, request, &mut hooks, entry).await?;
    let _kept = match before {
        Outcome::Answer(response) => return Ok(response),
        Outcome::Continue(kept) => kept,
    };

    // Who calls. An anonymous Service asks nobody.
    let caller = installed.authenticate(platform, service, &mut received, entry).await;
    let caller = caller.map_err(|error| visit.unauthenticated(error))?;
    // Which rules apply is known only now, as users, groups and credentials bring policies of their own.
    let policies = installed.policies(service, caller.as_ref())?;

    // The body is read only after somebody is known, and only if one of the rules reads it.
    let needs = installed.body_needs(service, &policies);
    authorize::refuse_unreadable(received.websocket, &needs)?;
    let body = std::mem::replace(&mut received.body, Body::Empty);
    let (body, read) = body::read(body, &received.headers, &needs, &installed.budget).await?;

    // May they?
    let request = context::View::new(&received, path, &body, &read);
    let mut context = request.context(&received, &read, service, caller.as_ref(), installed)?;
    context.listener = platform.listener.clone();
    context.tell(|| Step::Body { read: read.bytes.as_ref().map(Bytes::len) });
    let authorized = authorize::authorize(service, caller.as_ref(), &policies, &context, platform.clock.now(), entry);
    let user = caller.as_ref().map(|caller| caller.user().spec.kind);
    let authorized = authorized.map_err(|error| visit.denied(error, user))?;

    // Which configuration, then everything that changes the request; the credential comes last.
    let now = platform.clock.now();
    let config = service.choose(route, &context, now, installed.allowed_origins())?;
    let forwardable = forward::prepare(authorized, service, (&config, route), &context, now, entry);
    let shaped = |error: GatewayError| error.shaped(config.shape().unwrap_or_default());
    let draft = forwardable.draft(installed, &received, request.path(), body, &read).map_err(shaped)?;
    let principal = plugins::principal(&received, caller.as_ref());
    let mut call = plugins::call(installed, platform, service, Some(forwardable.config()), &callouts, principal, &context);
    forwardable.send(installed, &received, draft, &mut call, hooks, entry).await.map_err(shaped)
}

/// Names the request in the answer, and ties the log entry to its body.
fn finish(mut response: Response<Body>, method: &Method, id: &RequestId, mut entry: PendingEntry) -> Response<Body> {
    // The name in the log is the one that the caller is told. What the upstream calls the request is kept beside it.
    if let Some(of_upstream) = response.headers_mut().insert(REQUEST_ID, id.to_header()) {
        entry.upstream_id(&of_upstream);
    }
    if *method == Method::HEAD
        && let Body::Bytes(bytes) = response.body_mut()
    {
        // The head is that of GET, without its content (RFC 9110 §9.3.2).
        let length = bytes.len();
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
        *response.body_mut() = Body::Empty;
    }
    response.map(|body| observe(body, entry))
}

#[cfg(test)]
mod tests;
