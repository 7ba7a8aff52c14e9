//! From an authorized request to the upstream's answer.

use http::header::{HeaderValue, USER_AGENT};
use http::request::Parts;
use http::{Request, Response};
use serde_json::Value;

use crate::auth::holds_gateway_token;
use crate::body::ReadBody;
use crate::context::Context;
use crate::error::{ErrorKind, GatewayError};
use crate::explain::Step;
use crate::platform::{Body, Capability, Platform, SendOptions, Timestamp};
use crate::plugin::{self, Call, Draft, Hooks};
use crate::receive::{CleanPath, Received, forwardable};
use crate::service::{Config, Service, Target};
use crate::telemetry::{Bodies, MAX_LOGGED_BODY, PendingEntry, show_held};
use crate::upstream::{Credential, Forwarded, Origin};

use super::attempt::{self, Outgoing};
use super::authorize::Authorized;
use super::installed::Installed;

/// An authorized request with the configuration that serves it.
pub struct Forwardable<'s> {
    authorized: Authorized,
    service: &'s Service,
    config: &'s Config,
    now: Timestamp,
}

/// Chooses the configuration: the first rule of `dynamicConfig` whose condition applies, else the default.
///
/// # Errors
/// 500 when a condition fails, 502 when nothing is left to serve the request.
pub fn prepare<'s>(
    authorized: Authorized,
    service: &'s Service,
    context: &Context<'_>,
    now: Timestamp,
    entry: &mut PendingEntry,
) -> Result<Forwardable<'s>, GatewayError> {
    let mut config = service.default_config();
    for (index, rule) in service.rules().iter().enumerate() {
        context.tell(|| Step::ConfigRule { index });
        let applies = rule.condition.applies(context, None, now);
        if applies.map_err(|failure| GatewayError::new(ErrorKind::Evaluation, format!("a rule of dynamicConfig failed: {failure}")))? {
            config = service.config(rule.config);
            break;
        }
    }
    let config =
        config.ok_or_else(|| GatewayError::new(ErrorKind::NoUpstream, "no rule of dynamicConfig applies, and there is no default"))?;
    entry.config(config.name.as_deref());
    context.tell(|| Step::Config { name: config.name.as_deref() });
    Ok(Forwardable { authorized, service, config, now })
}

impl<'s> Forwardable<'s> {
    /// The configuration that was chosen.
    pub fn config(&self) -> &'s Config {
        self.config
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
        self.authorized.strip_tokens(&mut headers, self.config.passes_authorization(self.service.is_anonymous));
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
        let (platform, context) = (call.platform, call.context);
        self.note(received, &draft, context.request.body_map, entry);
        let mut hooks = hooks;
        if let Some(answer) = plugin::run(&config.plugins.post_auth, call, &mut draft, &mut hooks).await? {
            entry.answered_by(&call.scope.plugin);
            let response = hooks.answer(call, answer).await?;
            entry.responded(response.status(), response.headers(), Some(&config.visibility));
            return Ok(response);
        }
        call.scope.plugin.clear();
        let mut response = match &config.target {
            Target::Direct(direct) => direct.response(),
            Target::Upstream(origin) => {
                if config.credential.as_ref().is_some_and(Credential::needs_body) {
                    draft.read_body().await?;
                }
                let (bytes, body) = (draft.bytes().cloned(), draft.take_body());
                let (head, options) = self.request(installed, platform, received, draft, origin, context)?;
                let outgoing = Outgoing { head, options, body, bytes, websocket: received.websocket };
                attempt::exchange(installed, platform, config, outgoing, entry).await?
            }
            Target::Unreachable(why) => return Err(GatewayError::new(ErrorKind::NotImplemented, *why)),
        };
        config.headers.apply_to_response(response.headers_mut(), context, self.now)?;
        let response = hooks.respond(call, response).await?;
        entry.responded(response.status(), response.headers(), Some(&config.visibility));
        show_held(response, entry).await.map_err(|error| GatewayError::new(ErrorKind::UpstreamBroken, error.to_string()))
    }

    /// The request but for its body and the upstream's credential.
    fn request(
        &self,
        installed: &Installed,
        platform: &Platform,
        received: &Received,
        draft: Draft,
        origin: &Origin,
        context: &Context<'_>,
    ) -> Result<(Parts, SendOptions), GatewayError> {
        let config = self.config;
        let Draft { method, path, query, mut headers, .. } = draft;
        if path.as_str() == "*" {
            // It asks about a server as a whole (RFC 9110 §9.3.7), and joined to an origin or a prefix it would be part of its name.
            return Err(GatewayError::new(ErrorKind::NotImplemented, "`OPTIONS *`").saying("`OPTIONS *` is not passed on."));
        }
        let path = config.path.apply(&path)?;
        if [Some(path.as_str()), query.as_deref()].into_iter().flatten().any(|part| holds_gateway_token(part.as_bytes())) {
            // Cutting it out would change what is asked for, and upstreams log what they are asked for.
            let error = GatewayError::new(ErrorKind::BadRequest, "a token of the gateway's in the URL");
            return Err(error.saying("The access token must not be in the URL: send it in a header."));
        }
        let uri = origin
            .uri(&path, query.as_deref())
            .map_err(|error| GatewayError::new(ErrorKind::BadRequest, format!("the upstream's URI is not valid: {error}")))?;

        Forwarded { client: received.client, scheme: &received.scheme, authority: &received.authority }.apply(
            config.headers.forwarded,
            &mut headers,
            platform.random.as_ref(),
        );
        config.headers.apply_to_request(&mut headers, context, self.now)?;
        headers.entry(USER_AGENT).or_insert(HeaderValue::from_static("postern"));
        if received.websocket {
            headers.insert(http::header::CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(http::header::UPGRADE, HeaderValue::from_static("websocket"));
        }
        if config.http2 && received.takes_trailers && platform.capabilities.has(Capability::Grpc) {
            headers.insert(http::header::TE, HeaderValue::from_static("trailers"));
        }

        let public_host = installed.hosts.public_host(&self.service.name);
        let options =
            SendOptions { host: config.headers.host(&public_host, context, self.now)?, http2: config.http2, ..SendOptions::default() };
        let (mut head, ()) = Request::new(()).into_parts();
        (head.method, head.uri, head.headers) = (method, uri, headers);
        Ok((head, options))
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
