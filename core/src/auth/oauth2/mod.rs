//! The OAuth 2.0 endpoints: tokens (RFC 6749 §4.4), introspection (RFC 7662), revocation (RFC 7009), metadata (RFC 8414).

mod client;
mod form;
mod introspect;
mod metadata;
mod refusal;
mod revoke;
mod throttle;
mod token;

use std::net::IpAddr;

use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, PRAGMA, X_CONTENT_TYPE_OPTIONS};
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode};
use serde_json::Value;

use super::Authenticator;
use crate::error::GatewayError;
use crate::platform::{Body, Platform};
use form::Form;
use refusal::Refusal;

/// Bytes that a form may have.
const MAX_FORM: usize = 100_000;

/// One of the endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// `/oauth2/token`, and `/token`, which clients try when they are told no endpoint.
    Token,
    /// `/oauth2/introspect`
    Introspect,
    /// `/oauth2/revoke`
    Revoke,
    /// `/.well-known/oauth-authorization-server`
    Metadata,
}

/// Where a request came from, which only the host knows.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The client's address; all clients without one are throttled as one.
    pub address: Option<IpAddr>,
    /// Scheme, host and port under which the gateway was reached: the issuer when the Gateway has no `url`.
    pub base: &'a str,
}

/// What the endpoints that take a form work with.
struct Call<'a> {
    authenticator: &'a Authenticator,
    platform: &'a Platform,
    /// Names the endpoint's counters.
    endpoint: &'static str,
    parts: &'a Parts,
    address: Option<IpAddr>,
}

impl Authenticator {
    /// The endpoint at a path of the gateway's own host. Where the Gateway's `url` has a path, the endpoints are below it, and the
    /// metadata is where RFC 8414 §3.1 puts it.
    pub fn endpoint(&self, path: &str) -> Option<Endpoint> {
        let below = self.snapshot.gateway.spec.url.as_deref().map_or("", path_of);
        if let Some(rest) = path.strip_prefix(metadata::PATH) {
            return (rest == below).then_some(Endpoint::Metadata);
        }
        match path.strip_prefix(below)? {
            "/oauth2/token" | "/token" => Some(Endpoint::Token),
            "/oauth2/introspect" => Some(Endpoint::Introspect),
            "/oauth2/revoke" => Some(Endpoint::Revoke),
            _ => None,
        }
    }
}

/// Answers a request to one of the endpoints, and says for the log why it was refused. Every outcome is a response; none names a secret, a user or a credential that the
/// caller has not proven to own.
pub async fn serve(
    authenticator: &Authenticator,
    platform: &Platform,
    endpoint: Endpoint,
    request: http::Request<Body>,
    origin: Origin<'_>,
) -> (Response<Body>, Option<GatewayError>) {
    let (parts, body) = request.into_parts();
    let call = |endpoint| Call { authenticator, platform, endpoint, parts: &parts, address: origin.address };
    let answer = match endpoint {
        Endpoint::Token => token::answer(&call("token"), body).await,
        Endpoint::Introspect => introspect::answer(&call("introspect"), body).await,
        Endpoint::Revoke => revoke::answer(&call("revoke"), body).await,
        Endpoint::Metadata => metadata::answer(authenticator, &parts.method, origin.base),
    };
    match answer {
        Ok(response) => (response, None),
        Err(refusal) => {
            let failure = refusal.failure();
            (refusal.into_response(authenticator.realm()), Some(failure))
        }
    }
}

impl Call<'_> {
    /// The form of a request. The address is counted before anything is read.
    async fn form(&self, body: Body) -> Result<Form, Refusal> {
        if self.parts.method != Method::POST {
            return Err(Refusal::Method("POST"));
        }
        throttle::by_address(self).await?;
        Form::read(self.parts, body).await
    }

    /// Requests a minute that one address, and one client, may make.
    fn limit(&self) -> u32 {
        self.authenticator.snapshot.gateway.spec.limits.token_requests_per_minute.unwrap_or(120)
    }
}

/// The path of an absolute URL, without a slash at its end.
fn path_of(url: &str) -> &str {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    authority.find('/').and_then(|at| authority.get(at..)).unwrap_or_default().trim_end_matches('/')
}

/// A response that nobody may keep (RFC 6749 §5.1).
fn json(status: StatusCode, document: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(document.to_string()));
    *response.status_mut() = status;
    let headers: [(HeaderName, &'static str); 4] =
        [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests;
