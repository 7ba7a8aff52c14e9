//! A configuration as an instance holds it: what was compiled so far, and the caches that go with it. It is replaced as a whole.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use serde_json::Value;

use crate::auth::{AuthFailure, Authenticator, Challenge, EntryValue, ForeignAuthorization, Identity, Methods};
use crate::body::{BodyBudget, BodyNeeds};
use crate::callout::{Callouts, Origins};
use crate::error::{ErrorKind, GatewayError, Shape};
use crate::explain::Step;
use crate::feature;
use crate::platform::Platform;
use crate::policy::{Attached, Owner, PolicyBook};
use crate::problem::Problems;
use crate::publish;
use crate::receive::Received;
use crate::resource::Authorization;
use crate::resource::service::Mode;
use crate::route::{Hosts, RouteIndex};
use crate::secret::{Keys, SecretError, Secrets};
use crate::service::Service;
use crate::snapshot::{Snapshot, document, uid};
use crate::telemetry::{Exporter, PendingEntry, Reason, Reference};
use crate::upstream::Tokens;
use crate::web::{Pages, Visit};

use super::Settings;

pub struct Installed {
    pub snapshot: Rc<Snapshot>,
    pub settings: Settings,
    pub hosts: Hosts,
    /// Of the Snapshot's routes, what was read so far.
    pub routes: RouteIndex,
    pub secrets: Rc<Secrets>,
    pub authenticator: Authenticator,
    pub budget: BodyBudget,
    /// Tells a collector of each request; `None` where there is none.
    pub exporter: Option<Rc<Exporter>>,
    /// Of upstreams' token endpoints.
    pub tokens: Tokens,
    /// For people with a browser.
    pub pages: Pages,
    keys: Rc<Keys>,
    /// `callouts.allow`.
    callouts: Origins,
    policies: PolicyBook,
    /// Compiled on first use; there are at most as many as the Snapshot names.
    services: RefCell<BTreeMap<String, Rc<Service>>>,
    /// Read on first use, as Services are.
    namespaces: RefCell<BTreeMap<String, Rc<KnownNamespace>>>,
}

struct KnownNamespace {
    authorization: Authorization,
    /// `ctx.namespace`.
    value: Arc<Value>,
}

/// What a rule may read of a body at most, whatever is configured.
const MAX_REQUEST_SIZE: u64 = 64 * 1024 * 1024;
/// What all bodies that an instance holds may have together, at least.
const MIN_BODY_BUDGET: u64 = 32 * 1024 * 1024;

impl Installed {
    pub fn new(snapshot: Snapshot, settings: Settings) -> Self {
        let snapshot = Rc::new(snapshot);
        let keys = Rc::new(Keys::new(&snapshot.domain));
        let urls: Vec<&str> = [snapshot.gateway.spec.url.as_deref(), settings.base_url.as_deref()].into_iter().flatten().collect();
        let budget = MIN_BODY_BUDGET.max(settings.max_request_size.saturating_mul(4));
        let secrets = Rc::new(Secrets::new(snapshot.clone(), keys.clone()));
        Self {
            hosts: Hosts::new(&snapshot.domain, &urls),
            routes: RouteIndex::default(),
            exporter: Exporter::of(&snapshot.gateway.spec, &secrets, settings.region.as_deref()),
            secrets,
            authenticator: Authenticator::new(snapshot.clone(), keys.clone()),
            budget: BodyBudget::new(usize::try_from(budget).unwrap_or(usize::MAX)),
            // What is wrong with them was said when the Snapshot was made.
            callouts: Origins::compile("allow", &snapshot.gateway.spec.callouts.allow, &mut Problems::new()),
            tokens: Tokens::new(keys.clone()),
            pages: Pages::compile(&snapshot.gateway.spec.web, &mut Problems::new()),
            policies: PolicyBook::default(),
            services: RefCell::default(),
            namespaces: RefCell::default(),
            keys,
            snapshot,
            settings,
        }
    }

    /// A newer configuration from the store, ready to serve.
    ///
    /// # Errors
    /// Why what is published is not taken; for the log.
    pub async fn newer(&self, platform: &Platform) -> Result<Option<Self>, String> {
        let store = platform.store.as_ref();
        let Some(pointer) = publish::newer(store, self.snapshot.generation).await.map_err(|error| error.to_string())? else {
            return Ok(None);
        };
        let ring = self.keys.ring(platform).await.map_err(|error| error.to_string())?;
        let snapshot = publish::take(store, &ring, &self.snapshot.domain, &pointer).await.map_err(|error| error.to_string())?;
        let lacking = feature::missing(&snapshot.features);
        if let Some(feature) = lacking.first() {
            return Err(format!("the published configuration needs {feature}, and this build has none: build and deploy it anew"));
        }
        // The bodies that are held now are still held then, and what upstreams issued is still good.
        Ok(Some(Self { budget: self.budget.clone(), tokens: self.tokens.clone(), ..Self::new(snapshot, self.settings.clone()) }))
    }

    /// The Service of that full name, compiled.
    ///
    /// # Errors
    /// 404 when it is not for callers here, 500 when a Snapshot that was checked by another version does not compile.
    pub fn service(&self, name: &str) -> Result<Rc<Service>, GatewayError> {
        if let Some(service) = self.services.borrow().get(name) {
            return Ok(service.clone());
        }
        let resource = self.snapshot.service(name).ok_or_else(|| GatewayError::new(ErrorKind::NotFound, "there is no such Service"))?;
        let mut problems = Problems::new();
        let written = document(&self.snapshot.services, name).unwrap_or_default();
        let service = Rc::new(Service::compile_written(&resource, &written, &self.snapshot.domain, &mut problems));
        if let Some(problem) = problems.iter().find(|problem| problem.severity == crate::problem::Severity::Error) {
            return Err(GatewayError::new(ErrorKind::Internal, format!("the Service does not compile: {problem}")));
        }
        self.services.borrow_mut().insert(name.to_owned(), service.clone());
        Ok(service)
    }

    /// Whether callers may reach the Service at all: in public, switched on, and in this region.
    ///
    /// # Errors
    /// 404, or 503 for a Service that is switched off.
    pub fn check_served(&self, service: &Service) -> Result<(), GatewayError> {
        let hidden = |why: &str| Err(GatewayError::new(ErrorKind::NotFound, why));
        if !service.is_public && !self.snapshot.gateway.spec.serve_private_services {
            return hidden("the Service is not public");
        }
        if service.is_disabled {
            return Err(GatewayError::new(ErrorKind::Disabled, "the Service is disabled"));
        }
        if service.region.is_some() && service.region != self.settings.region {
            return hidden("the Service is for another region");
        }
        Ok(())
    }

    /// What the Gateway's `callouts.allow` lists.
    pub fn allowed_origins(&self) -> &Origins {
        &self.callouts
    }

    /// Where the Service's plugins may call for one request.
    pub fn callouts<'a>(&'a self, service: &'a Service) -> Callouts<'a> {
        Callouts::new().with(&self.callouts).with(&service.upstreams)
    }

    /// Where somebody is sent who opens a page of a Service that is meant for that.
    pub fn visit(&self, service: &Service, received: &Received) -> Visit<'_> {
        let urls = [self.snapshot.gateway.spec.url.as_deref(), self.settings.base_url.as_deref()];
        let is_https = || urls.into_iter().flatten().any(|url| url.starts_with("https://"));
        if service.mode == Mode::Web { self.pages.visit(received, is_https()) } else { Visit::default() }
    }

    /// Who calls; `None` on an anonymous Service, and where a Service does not insist. The request loses what proved it, where the
    /// Service says how that is done, and gets the headers that the Service makes of it.
    ///
    /// # Errors
    /// 401 with a challenge (RFC 6750 §3), 403 when the token's scopes do not allow the Service, 502 when a value that goes with the
    /// caller's key cannot be had, 503 when the store is needed and down.
    pub async fn authenticate(
        &self,
        platform: &Platform,
        service: &Service,
        received: &mut Received,
        entry: &mut PendingEntry,
    ) -> Result<Option<Identity>, GatewayError> {
        if service.is_anonymous {
            platform.tell(|| Step::Anonymous);
            return Ok(None);
        }
        let foreign = if service.passes_authorization() { ForeignAuthorization::Allow } else { ForeignAuthorization::Refuse };
        let found = match service.methods() {
            Some(methods) => self.identify(platform, methods, received, foreign).await,
            None => {
                let found = self.authenticator.authenticate(platform, &received.headers, foreign).await;
                found.and_then(|found| found.map(Some).ok_or(AuthFailure::MissingCredentials)).map_err(Refused::Caller)
            }
        };
        let found = found.map_err(|refused| match refused {
            Refused::Caller(failure) => self.refuse(&failure, service, entry),
            Refused::Entry(error) => {
                let detail = format!("an entry of the caller's credential: {error}");
                GatewayError { retry: error.retry(), ..GatewayError::new(ErrorKind::Credential, detail) }
            }
        })?;
        let Some(identity) = found else {
            platform.tell(|| Step::Anonymous);
            return Ok(None);
        };
        entry.identity(
            Reference::new("User", identity.user_uid(), &identity.user().metadata.name),
            Reference::new("Session", identity.session_uid(), identity.credential()),
        );
        platform.tell(|| Step::Caller {
            user: &identity.user().metadata.name,
            groups: identity.groups().iter().map(|group| group.metadata.name.as_str()).collect(),
            credential: identity.credential(),
        });
        let (name, namespace) = service.name.split_once('.').unwrap_or((&service.name, "default"));
        identity.require_service(name, namespace).map_err(|failure| self.refuse(&failure, service, entry))?;
        Ok(Some(identity))
    }

    /// Who calls a Service that says itself how they prove it.
    async fn identify(
        &self,
        platform: &Platform,
        methods: &Methods,
        received: &mut Received,
        foreign: ForeignAuthorization,
    ) -> Result<Option<Identity>, Refused> {
        let request = (&mut received.headers, &mut received.query);
        let admitted = self.authenticator.identify(platform, methods, request, foreign).await.map_err(Refused::Caller)?;
        for (header, entry) in admitted.entries {
            let value = match entry {
                EntryValue::Secret(name) => self.secrets.resolve(platform, &name).await,
                EntryValue::Sealed(name, sealed) => self.secrets.unseal(platform, &name, &sealed).await,
                EntryValue::Missing => Err(SecretError::Missing),
            };
            let value = value.and_then(|value| Ok(value.header_value("")?)).map_err(Refused::Entry)?;
            received.headers.insert(header, value);
        }
        Ok(admitted.identity)
    }

    /// The policies of everything that the request touches, in the order in which they are named in the log.
    ///
    /// # Errors
    /// 500 when one is missing: a lost `DENY` must not let anybody in.
    pub fn policies(&self, service: &Service, caller: Option<&Identity>) -> Result<Vec<Attached>, GatewayError> {
        if caller.is_none() && !service.anonymous_policies {
            return Ok(Vec::new());
        }
        let namespace_name = service.facts.namespace.name.as_str();
        let namespace = self.namespace(namespace_name)?;
        let gateway = Owner { kind: "Gateway", name: "default", authorization: &self.snapshot.gateway.spec.authorization };
        let first = [
            Owner { kind: "Service", name: &service.name, authorization: &service.authorization },
            Owner { kind: "Namespace", name: namespace_name, authorization: &namespace.authorization },
        ];
        let of_caller = caller.into_iter().flat_map(Identity::policy_owners);
        let of_caller = of_caller.map(|owner| Owner { kind: owner.kind, name: owner.name, authorization: owner.authorization });
        let owners = first.into_iter().chain(of_caller).chain([gateway]);
        self.policies.collect(&self.snapshot, owners).map_err(|unknown| GatewayError::new(ErrorKind::Evaluation, unknown.to_string()))
    }

    /// What all rules that may apply read of the body.
    pub fn body_needs(&self, service: &Service, policies: &[Attached]) -> BodyNeeds {
        let mut needs = service.body_needs().clone();
        for reads in policies.iter().map(Attached::reads).filter(|reads| reads.needs_body()) {
            needs.authorization = true;
            needs.reads(reads);
        }
        self.limited(service, needs)
    }

    /// With the most that one of the Service's configurations lets rules read.
    pub fn limited(&self, service: &Service, needs: BodyNeeds) -> BodyNeeds {
        let limit = service.max_request_size(self.max_request_size());
        BodyNeeds { limit: usize::try_from(limit.min(MAX_REQUEST_SIZE)).unwrap_or(usize::MAX), ..needs }
    }

    /// Bytes of a body that rules may read where a configuration does not say.
    pub fn max_request_size(&self) -> u64 {
        self.snapshot.gateway.spec.limits.max_request_size.unwrap_or(self.settings.max_request_size)
    }

    /// `ctx.namespace`.
    ///
    /// # Errors
    /// As [`Installed::policies`].
    pub fn namespace_value(&self, name: &str) -> Result<Arc<Value>, GatewayError> {
        Ok(self.namespace(name)?.value.clone())
    }

    fn namespace(&self, name: &str) -> Result<Rc<KnownNamespace>, GatewayError> {
        if let Some(known) = self.namespaces.borrow().get(name) {
            return Ok(known.clone());
        }
        let resource = self.snapshot.namespace(name);
        if resource.is_none() && self.snapshot.namespaces.contains_key(name) {
            return Err(GatewayError::new(ErrorKind::Internal, format!("the Namespace {name:?} cannot be read, and it may deny")));
        }
        let mut value = document(&self.snapshot.namespaces, name)
            .unwrap_or_else(|| serde_json::json!({"apiVersion": "core/v1", "kind": "Namespace", "metadata": {"name": name}, "spec": {}}));
        if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.entry("uid").or_insert_with(|| uid(&self.snapshot.domain, "Namespace", name).into());
        }
        let authorization = resource.map(|resource| resource.spec.authorization).unwrap_or_default();
        let known = Rc::new(KnownNamespace { authorization, value: Arc::new(value) });
        self.namespaces.borrow_mut().insert(name.to_owned(), known.clone());
        Ok(known)
    }

    fn refuse(&self, failure: &AuthFailure, service: &Service, entry: &mut PendingEntry) -> GatewayError {
        if let Some(reason) = failure.reason() {
            entry.decided(false, Some(Reason { r#type: reason, details: None }));
        }
        let kind = match failure {
            AuthFailure::MissingCredentials | AuthFailure::InvalidToken(_) => ErrorKind::Unauthenticated,
            AuthFailure::TwoTokens => ErrorKind::BadRequest,
            AuthFailure::InsufficientScope { .. } => ErrorKind::Forbidden,
            AuthFailure::Unavailable(outage) => outage.kind(),
        };
        let error = GatewayError::new(kind, failure.to_string());
        let error = match failure {
            AuthFailure::TwoTokens => error.saying("The request holds more than one credential."),
            AuthFailure::InsufficientScope { .. } => error.saying("The access token's scope does not cover this service."),
            _ => error,
        };
        let challenge = Challenge::new(failure, service.methods(), self.authenticator.realm());
        let error = if challenge.bare { error.shaped(Shape::Empty) } else { error };
        let lines: Vec<_> = challenge.lines.iter().filter_map(|line| HeaderValue::from_str(line).ok()).collect();
        if lines.is_empty() {
            return error;
        }
        let error = error.with_header(UNAUTHORIZED, HeaderValue::from_static("true"));
        lines.into_iter().fold(error, |error, line| error.with_header(http::header::WWW_AUTHENTICATE, line))
    }
}

/// Why a request is not let in.
enum Refused {
    Caller(AuthFailure),
    /// What goes with the caller's key cannot be had.
    Entry(SecretError),
}

/// Tells clients of Octelium's that the gateway refused, and not the upstream.
pub const UNAUTHORIZED: HeaderName = HeaderName::from_static("x-octelium-unauthorized");
