//! The phases of plugins, in the terms of a request.

use http::Response;

use crate::auth::Identity;
use crate::body::{self, Held, ReadBody};
use crate::callout::Callouts;
use crate::context::Context;
use crate::error::{GatewayError, Shape};
use crate::grpc;
use crate::platform::{Body, Platform};
use crate::plugin::{self, Call, Draft, Hooks, Principal, Revision, Scope};
use crate::receive::{CleanPath, Received};
use crate::resource::service::Mode;
use crate::service::{Config, Service};
use crate::telemetry::PendingEntry;

use super::context::View;
use super::installed::Installed;

/// How a request goes on after its plugins.
pub enum Outcome<T> {
    Answer(Response<Body>),
    Continue(T),
}

/// What stays counted against the budget of bodies until the request has been sent on.
#[derive(Default)]
pub struct Kept {
    _read: ReadBody,
    _held: Option<Held>,
}

/// Runs the `PRE_AUTH` plugins. What they change is what everything after them sees.
///
/// # Errors
/// As [`plugin::run`]; and 413, 400 or 503 for a body that their conditions read.
pub async fn before_authentication(
    installed: &Installed,
    platform: &Platform,
    service: &Service,
    callouts: &Callouts<'_>,
    request: (&mut Received, &mut CleanPath),
    hooks: &mut Hooks,
    entry: &mut PendingEntry,
) -> Result<Outcome<Kept>, GatewayError> {
    if service.pre_auth().is_empty() {
        return Ok(Outcome::Continue(Kept::default()));
    }
    let (received, path) = request;
    let needs = installed.limited(service, service.pre_auth_needs().clone());
    let body = std::mem::replace(&mut received.body, Body::Empty);
    let (body, read) = body::read(body, &received.headers, &needs, &installed.budget).await?;
    let mut draft = {
        let view = View::new(received, path.clone(), &body, &read);
        let mut context = view.anonymous_context(received, &read, service, installed);
        context.listener = platform.listener.clone();
        let limits = (needs.limit, installed.budget.clone());
        let (method, query, headers) = (received.method.clone(), received.query.clone(), received.headers.clone());
        let mut draft = Draft::new(method, path.clone(), query, headers, body, limits).with_read(&read);
        let principal = Principal { address: received.client.ip, ..Principal::default() };
        let mut call = Call { is_before_authentication: true, ..call(installed, platform, service, None, callouts, principal, &context) };
        if let Some(answer) = plugin::run(service.pre_auth(), &mut call, &mut draft, hooks).await? {
            entry.decided(true, None);
            entry.answered_by(&call.scope.plugin);
            let response = std::mem::take(hooks).answer(&call, answer).await?;
            entry.responded(response.status(), response.headers(), None);
            return Ok(Outcome::Answer(response));
        }
        draft
    };
    received.body = draft.take_body();
    let held = draft.release();
    (received.method, received.query, received.headers, *path) = (draft.method, draft.query, draft.headers, draft.path);
    Ok(Outcome::Continue(Kept { _read: read, _held: held }))
}

/// What plugins of a phase may ask.
pub fn call<'a>(
    installed: &'a Installed,
    platform: &'a Platform,
    service: &Service,
    config: Option<&Config>,
    callouts: &Callouts<'a>,
    principal: Principal,
    context: &'a Context<'a>,
) -> Call<'a> {
    let shape = shape(service, config, context);
    let config = config.and_then(|config| config.name.clone()).unwrap_or_default();
    Call {
        platform,
        secrets: &installed.secrets,
        context,
        callouts: callouts.clone(),
        principal,
        scope: Scope { service: service.name.clone(), config, plugin: String::new() },
        revision: Revision { generation: installed.snapshot.generation, service: service.revision },
        now: platform.clock.now(),
        shape,
        is_before_authentication: false,
        reads_pieces: false,
    }
}

/// What errors look like to the caller: whoever speaks gRPC understands no other, everybody else expects the provider's.
fn shape(service: &Service, config: Option<&Config>, context: &Context<'_>) -> Shape {
    if service.mode == Mode::Grpc && grpc::is_grpc(context.request.headers) {
        return Shape::Grpc;
    }
    config.and_then(Config::shape).unwrap_or_else(|| service.shape())
}

/// Who calls, as counters and caches tell callers apart.
pub fn principal(received: &Received, caller: Option<&Identity>) -> Principal {
    Principal {
        session: caller.map(|caller| caller.session_uid().to_owned()),
        user: caller.map(|caller| caller.user_uid().to_owned()),
        address: received.client.ip,
    }
}
