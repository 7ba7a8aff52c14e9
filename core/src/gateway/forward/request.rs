//! What is sent, and one attempt at it.

use std::rc::Rc;

use http::header::{AUTHORIZATION, HeaderMap, HeaderValue, USER_AGENT};
use http::{Method, Request, Response, StatusCode};

use crate::auth::holds_gateway_token;
use crate::context::Context;
use crate::error::{ErrorKind, GatewayError, Retry};
use crate::platform::{Body, Capability, ContainerCall, HttpError, Platform, SendOptions};
use crate::plugin::Draft;
use crate::receive::{CleanPath, Received, strip_response};
use crate::service::{Config, Credential};
use crate::upstream::{Forwarded, Origin};

use super::super::installed::Installed;
use super::Forwardable;

/// What all attempts at a request have in common: everything but where it goes, the credential and the body.
#[derive(Clone)]
pub struct Outgoing {
    pub method: Method,
    path: CleanPath,
    query: Option<String>,
    headers: HeaderMap,
    options: SendOptions,
    websocket: bool,
}

/// Why an attempt has no answer.
pub enum Failed {
    /// Another one may have.
    Upstream(HttpError),
    /// Another one would end in the same way.
    Gateway(GatewayError),
}

impl Outgoing {
    /// Applies the configuration's changes.
    ///
    /// # Errors
    /// 400 for a path that leaves its prefix or a token in the URL, 500 when an expression fails, 501 for `OPTIONS *`.
    pub fn prepare(
        forwardable: &Forwardable<'_>,
        installed: &Installed,
        platform: &Platform,
        received: &Received,
        draft: Draft,
        context: &Context<'_>,
    ) -> Result<Self, GatewayError> {
        let (config, now) = (forwardable.config, forwardable.now);
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
        Forwarded { client: received.client, scheme: &received.scheme, authority: &received.authority }.apply(
            config.headers.forwarded,
            &mut headers,
            platform.random.as_ref(),
        );
        config.headers.apply_to_request(&mut headers, context, now)?;
        headers.entry(USER_AGENT).or_insert(HeaderValue::from_static("postern"));
        if received.websocket {
            headers.insert(http::header::CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(http::header::UPGRADE, HeaderValue::from_static("websocket"));
        }
        if config.http2 && received.takes_trailers && platform.capabilities.has(Capability::Grpc) {
            headers.insert(http::header::TE, HeaderValue::from_static("trailers"));
        }
        let public_host = installed.hosts.public_host(&forwardable.service.name);
        let host = config.headers.host(&public_host, context, now)?;
        let options = SendOptions { host, http2: config.http2, ..SendOptions::default() };
        Ok(Self { method, path, query, headers, options, websocket: received.websocket })
    }

    /// Names the container that it goes to, if it goes to one.
    #[must_use]
    pub fn to_container(mut self, container: Option<Rc<ContainerCall>>) -> Self {
        self.options.container = container;
        self
    }

    /// Sends the request. The credential comes last, so that nothing can replace it, and anew each time, as it may have changed.
    pub async fn attempt(
        self,
        installed: &Installed,
        platform: &Platform,
        config: &Config,
        origin: &Origin,
        body: Body,
    ) -> Result<Response<Body>, Failed> {
        let uri = origin
            .uri(&self.path, self.query.as_deref())
            .map_err(|error| GatewayError::new(ErrorKind::BadRequest, format!("the upstream's URI is not valid: {error}")))?;
        let mut headers = self.headers;
        inject(installed, platform, config, &mut headers).await?;
        let mut request = Request::new(body);
        *request.method_mut() = self.method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        let mut response = platform.http.send(request, self.options).await.map_err(Failed::Upstream)?;
        refuse_interim(response.status(), self.websocket)?;
        strip_response(response.status(), response.headers_mut());
        Ok(response)
    }
}

/// Fails closed: without the credential nothing is sent.
async fn inject(installed: &Installed, platform: &Platform, config: &Config, headers: &mut HeaderMap) -> Result<(), GatewayError> {
    let Some(Credential::Bearer(name)) = &config.credential else { return Ok(()) };
    let failed = |why: String| GatewayError::new(ErrorKind::Credential, format!("secret {:?}: {why}", name.as_str()));
    let secret = installed.secrets.resolve(platform, name.as_str()).await.map_err(|error| failed(error.to_string()))?;
    let value = secret.header_value("Bearer ").map_err(|error| failed(error.to_string()))?;
    headers.insert(AUTHORIZATION, value);
    Ok(())
}

/// A status below 200 is no answer, but for the 101 that was asked for (RFC 9110 §15.2): the rest of the connection would be
/// taken for whatever the upstream likes.
fn refuse_interim(status: StatusCode, websocket: bool) -> Result<(), GatewayError> {
    if status.is_informational() && !(websocket && status == StatusCode::SWITCHING_PROTOCOLS) {
        return Err(GatewayError::new(ErrorKind::UpstreamBroken, format!("the upstream answered {status}, which nobody asked for")));
    }
    Ok(())
}

impl From<GatewayError> for Failed {
    fn from(error: GatewayError) -> Self {
        Failed::Gateway(error)
    }
}

impl From<Failed> for GatewayError {
    fn from(failed: Failed) -> Self {
        let error = match failed {
            Failed::Upstream(error) => error,
            Failed::Gateway(error) => return error,
        };
        let kind = match &error {
            HttpError::Connect(_) | HttpError::Lost(_) | HttpError::Forbidden(_) => ErrorKind::UpstreamUnreachable,
            HttpError::Broken(_) => ErrorKind::UpstreamBroken,
            HttpError::Timeout => ErrorKind::UpstreamTimeout,
            HttpError::RequestBody(_) => ErrorKind::BadRequest,
            HttpError::NoContainer(_) => ErrorKind::NotImplemented,
        };
        let mapped = GatewayError::new(kind, error.to_string());
        // What the host's rules forbid they will forbid again.
        if matches!(error, HttpError::Forbidden(_)) { GatewayError { retry: Retry::No, ..mapped } } else { mapped }
    }
}
