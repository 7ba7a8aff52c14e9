//! From an authorized request to the upstream's answer.

mod adapt;
mod attempts;
mod copies;
mod failover;
mod request;

use http::{Method, Response};
use serde_json::Value;

use crate::body::ReadBody;
use crate::context::Context;
use crate::error::{ErrorKind, GatewayError};
use crate::events;
use crate::explain::Step;
use crate::feature::Feature;
use crate::platform::{Body, Timestamp};
use crate::plugin::{self, Call, Draft, Hooks};
use crate::receive::{CleanPath, Received, forwardable};
use crate::route::{Matched, Prefix};
use crate::service::{Config, Service, Target};
use crate::telemetry::{Bodies, MAX_LOGGED_BODY, PendingEntry, show_held};
use crate::upstream::RedirectTarget;

use super::authorize::Authorized;
use super::installed::Installed;

/// An authorized request with the configuration that serves it.
pub struct Forwardable<'s> {
    authorized: Authorized,
    service: &'s Service,
    config: &'s Config,
    route: Option<&'s Matched>,
    now: Timestamp,
}

/// Takes the configuration that was chosen for the request.
pub fn prepare<'s>(
    authorized: Authorized,
    service: &'s Service,
    (config, route): (&'s Config, Option<&'s Matched>),
    context: &Context<'_>,
    now: Timestamp,
    entry: &mut PendingEntry,
) -> Forwardable<'s> {
    entry.config(config.name.as_deref());
    context.tell(|| Step::Config { name: config.name.as_deref() });
    Forwardable { authorized, service, config, route, now }
}

impl<'s> Forwardable<'s> {
    /// The configuration that was chosen.
    pub fn config(&self) -> &'s Config {
        self.config
    }

    /// What of the path the request's route was chosen by.
    fn prefix(&self) -> Option<&'s Prefix> {
        self.route.and_then(|route| route.prefix.as_ref())
    }

    /// What will be sent on, as plugins find it: without the caller's token.
    ///
    /// # Errors
    /// 413 or 400 for a body that the configuration does not take.
    pub fn draft(
        &self,
        installed: &Installed,
        received: &Received,
        path: &CleanPath,
        body: Body,
        read: &ReadBody,
    ) -> Result<Draft, GatewayError> {
        let limit = self.config.max_request_size.unwrap_or(installed.max_request_size());
        read.require_size(limit)?;
        if self.config.only_json {
            read.require_json()?;
        }
        let mut headers = forwardable(&received.headers);
        self.authorized.strip_tokens(&mut headers, self.service.passes_authorization_of(self.config));
        self.service.retain_headers(self.config, &mut headers);
        let limits = (usize::try_from(limit).unwrap_or(usize::MAX), installed.budget.clone());
        Ok(Draft::new(received.method.clone(), path.clone(), received.query.clone(), headers, body, limits).with_read(read))
    }

    /// Runs the plugins, sends the request on unless one of them answers, and gives back the answer with the configuration's changes.
    pub async fn send(
        self,
        installed: &Installed,
        received: &Received,
        mut draft: Draft,
        call: &mut Call<'_>,
        hooks: Hooks,
        entry: &mut PendingEntry,
    ) -> Result<Response<Body>, GatewayError> {
        let config = self.config;
        let context = call.context;
        self.note(received, &draft, context.request.body_map, entry);
        if let Some(schema) = &config.schema {
            schema.check(&draft.read_body().await?, &draft.headers)?;
        }
        let mut hooks = hooks;
        if let Some(answer) = plugin::run(&config.plugins.post_auth, call, &mut draft, &mut hooks).await? {
            entry.answered_by(&call.scope.plugin);
            let response = hooks.answer(call, answer).await?;
            entry.responded(response.status(), response.headers(), Some(&config.visibility));
            return Ok(response);
        }
        call.scope.plugin.clear();
        call.reads_pieces = hooks.any_reads_pieces();
        let mut response = match &config.target {
            Target::Pools(pools) => {
                if const { Feature::Pools.is_built() } {
                    self.fail_over(installed, received, draft, pools, call, entry).await?
                } else {
                    return Err(GatewayError::new(ErrorKind::Internal, Feature::Pools.refusal()));
                }
            }
            _ => self.reach(config, installed, received, draft, call, entry).await?,
        };
        config.headers.apply_to_response(response.headers_mut(), context, self.now)?;
        let response = hooks.respond(call, response).await?;
        entry.responded(response.status(), response.headers(), Some(&config.visibility));
        show_held(response, entry).await.map_err(|error| GatewayError::new(error.of_upstream(), error.to_string()))
    }

    /// Sends the request to the upstream of one configuration: the chosen one, or one of its pools'.
    async fn reach(
        &self,
        config: &Config,
        installed: &Installed,
        received: &Received,
        mut draft: Draft,
        call: &Call<'_>,
        entry: &mut PendingEntry,
    ) -> Result<Response<Body>, GatewayError> {
        let (origins, instance) = match &config.target {
            Target::Direct(direct) => return Ok(direct.response()),
            Target::Redirect(redirect) => {
                let (scheme, authority) = (received.scheme.as_str(), received.authority.as_str());
                let (path, query, prefix) = (&draft.path, draft.query.as_deref(), self.prefix());
                return redirect.response(RedirectTarget { scheme, authority, path, query, prefix });
            }
            Target::Upstream(origins) => (origins, None),
            Target::Container(container) => {
                if const { Feature::Containers.is_built() } {
                    (&container.origins, Some(container.call(call.platform, &installed.secrets, &self.service.name).await?))
                } else {
                    return Err(GatewayError::new(ErrorKind::Internal, Feature::Containers.refusal()));
                }
            }
            Target::Unreachable(why) => return Err(GatewayError::new(ErrorKind::NotImplemented, *why)),
            Target::Pools(_) => return Err(GatewayError::new(ErrorKind::Internal, "pools are one level only")),
        };
        self.adapt(config, received, &mut draft, call.context).await?;
        let response = self.forward(installed, received, draft, (config, origins, instance), call, entry).await?;
        let is_read = call.reads_pieces && call.context.request.method != Method::HEAD;
        let response = if is_read { events::streamed(response) } else { response };
        let shape = config.shape().unwrap_or_else(|| self.service.shape());
        Ok(events::end_in_error(response, shape, config.protocol(), entry.broke_off()))
    }

    fn note(&self, received: &Received, draft: &Draft, map: Option<&Value>, entry: &mut PendingEntry) {
        let visibility = &self.config.visibility;
        entry.request_headers(&received.headers, &visibility.request_headers);
        let Some(bytes) = draft.bytes() else { return };
        let small = bytes.len() <= MAX_LOGGED_BODY;
        let bodies = Bodies {
            body: (visibility.request_body && small).then(|| String::from_utf8_lossy(bytes).into_owned()),
            body_map: if visibility.request_body_map && small { map.cloned() } else { None },
        };
        entry.request_body(bytes.len() as u64, bodies);
    }
}
