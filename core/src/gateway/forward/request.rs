//! What is sent.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderValue, USER_AGENT};
use http::{Method, Request};

use crate::auth::holds_gateway_token;
use crate::context::Context;
use crate::error::{ErrorKind, GatewayError};
use crate::platform::{Body, Capability, ContainerCall, Platform, SendOptions};
use crate::plugin::Draft;
use crate::receive::{CleanPath, Received, mark_pass};
use crate::resource::service::Mode;
use crate::service::Config;
use crate::upstream::mirror::strip_credentials;
use crate::upstream::{Forwarded, Origin};

use super::super::attempt::Outgoing;
use super::super::installed::Installed;
use super::Forwardable;

/// What all attempts at a request have in common: everything but where it goes, the credential and the body.
#[derive(Clone)]
pub struct Prepared {
    pub method: Method,
    path: CleanPath,
    query: Option<String>,
    headers: HeaderMap,
    options: SendOptions,
    /// The caller takes trailers, and the host can pass them.
    takes_trailers: bool,
    passes_trailers: bool,
    websocket: bool,
}

/// Nobody waits for a mirror, and hosts end what goes on for long after a response.
const MIRROR_TIMEOUT: Duration = Duration::from_secs(30);

impl Prepared {
    /// Applies the header rules of the configuration, and of the one whose pools it is in.
    ///
    /// # Errors
    /// 400 for a token in the URL, 500 when an expression fails.
    pub fn new(
        forwardable: &Forwardable<'_>,
        config: &Config,
        installed: &Installed,
        platform: &Platform,
        received: &Received,
        draft: Draft,
        context: &Context<'_>,
    ) -> Result<Self, GatewayError> {
        let now = forwardable.now;
        let Draft { method, path, query, mut headers, .. } = draft;
        if [Some(path.as_str()), query.as_deref()].into_iter().flatten().any(|part| holds_gateway_token(part.as_bytes())) {
            // Cutting it out would change what is asked for, and upstreams log what they are asked for.
            let error = GatewayError::new(ErrorKind::BadRequest, "a token of the gateway's in the URL");
            return Err(error.saying("The access token must not be in the URL: send it in a header."));
        }
        let public_host = installed.hosts.public_host(&forwardable.service.name);
        let forwarded = Forwarded { client: received.client, scheme: &received.scheme, authority: &received.authority };
        let mut host = None;
        // First the chosen configuration's rules, then those of the one in its pools.
        let of_pools = Some(forwardable.config).filter(|chosen| !std::ptr::eq(*chosen, config));
        for Config { headers: rules, .. } in of_pools.into_iter().chain([config]) {
            forwarded.apply(rules.forwarded, &mut headers, platform.random.as_ref());
            rules.apply_to_request(&mut headers, context, now)?;
            host = rules.host(&public_host, context, now)?.or(host);
        }
        headers.entry(USER_AGENT).or_insert(HeaderValue::from_static("postern"));
        mark_pass(&mut headers);
        if received.websocket {
            headers.insert(http::header::CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(http::header::UPGRADE, HeaderValue::from_static("websocket"));
        }
        let http2 = config.http2 || forwardable.service.mode == Mode::Grpc;
        let deadlines = config.deadlines.or(forwardable.config.deadlines);
        let timeout = config.timeout.or(forwardable.config.timeout);
        let options = SendOptions { host, http2, timeout, deadlines, ..SendOptions::default() };
        let passes_trailers = platform.capabilities.has(Capability::Grpc);
        Ok(Self {
            method,
            path,
            query,
            headers,
            options,
            takes_trailers: received.takes_trailers && passes_trailers,
            passes_trailers,
            websocket: received.websocket,
        })
    }

    /// For a mirror: without what credentials travel in, and under the mirror's own name.
    #[must_use]
    pub fn copied(mut self) -> Self {
        self.query = strip_credentials(&mut self.headers, self.query);
        self.options.host = None;
        self.options.timeout.get_or_insert(MIRROR_TIMEOUT);
        self
    }

    /// Names the container that it goes to, if it goes to one.
    #[must_use]
    pub fn in_container(mut self, container: Option<Rc<ContainerCall>>) -> Self {
        self.options.container = container;
        self
    }

    /// An attempt at an origin, with the body and what was read of it.
    ///
    /// # Errors
    /// 400 when path and query are not valid in a URI, 501 for an origin that the host cannot speak to.
    pub fn to(self, origin: &Origin, body: Body, bytes: Option<Bytes>) -> Result<Outgoing, GatewayError> {
        if origin.is_h2c && !self.passes_trailers {
            return Err(GatewayError::new(ErrorKind::NotImplemented, "this host speaks no HTTP/2 without TLS to upstreams"));
        }
        let uri = origin
            .uri(&self.path, self.query.as_deref())
            .map_err(|error| GatewayError::new(ErrorKind::BadRequest, format!("the upstream's URI is not valid: {error}")))?;
        let (mut head, ()) = Request::new(()).into_parts();
        (head.method, head.uri, head.headers) = (self.method, uri, self.headers);
        let options = SendOptions { http2: self.options.http2 || origin.is_h2c, ..self.options };
        if options.http2 && self.takes_trailers {
            head.headers.insert(http::header::TE, HeaderValue::from_static("trailers"));
        }
        Ok(Outgoing { head, options, body, bytes, websocket: self.websocket })
    }
}
