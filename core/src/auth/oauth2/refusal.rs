use http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;

use super::json as json_response;
use crate::auth::Outage;
use crate::auth::failure::quotable;
use crate::error::{ErrorKind, GatewayError};
use crate::platform::Body;

/// An error response (RFC 6749 §5.2). The descriptions are fixed texts for developers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The request is malformed, in the way that the text says.
    Request(&'static str),
    /// Unknown client, wrong secret, or a credential that is not in force: all the same to the caller.
    Client,
    /// The client is known, but its user may not have tokens.
    User,
    Grant,
    Scope,
    /// With the methods that are allowed.
    Method(&'static str),
    /// With the seconds until the next try may succeed.
    TooMany {
        retry_after: u64,
    },
    /// The store did not answer, or cannot be trusted.
    Unavailable(Outage),
}

impl Refusal {
    /// For the access log, which is told more than the caller.
    pub(super) fn failure(&self) -> GatewayError {
        let kind = match self {
            Refusal::Request(_) | Refusal::Grant | Refusal::Scope | Refusal::Method(_) => ErrorKind::BadRequest,
            Refusal::Client => ErrorKind::Unauthenticated,
            Refusal::User => ErrorKind::Forbidden,
            Refusal::TooMany { .. } => ErrorKind::TooManyRequests,
            Refusal::Unavailable(outage) => outage.kind(),
        };
        let (_, _, description) = self.answer();
        let detail = if let Refusal::Unavailable(outage) = self { outage.to_string() } else { description.to_owned() };
        GatewayError::new(kind, detail)
    }

    fn answer(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Refusal::Request(description) => (StatusCode::BAD_REQUEST, "invalid_request", description),
            Refusal::Client => (StatusCode::UNAUTHORIZED, "invalid_client", "the client could not be authenticated"),
            Refusal::User => (StatusCode::BAD_REQUEST, "unauthorized_client", "the client's user may not have tokens of this kind"),
            Refusal::Grant => (StatusCode::BAD_REQUEST, "unsupported_grant_type", "the grant type is client_credentials"),
            Refusal::Scope => (StatusCode::BAD_REQUEST, "invalid_scope", "the scope is malformed, or more than the client has"),
            Refusal::Method(_) => (StatusCode::METHOD_NOT_ALLOWED, "invalid_request", "the method is not allowed here"),
            Refusal::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable", "too many requests"),
            Refusal::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", "try again later"),
        }
    }

    pub(super) fn into_response(self, realm: &str) -> Response<Body> {
        let (status, error, description) = self.answer();
        let mut response = json_response(status, &json!({"error": error, "error_description": description}));
        let header = match self {
            // Required with every 401 (RFC 9110 §11.6.1), whichever way the client tried.
            Refusal::Client => HeaderValue::try_from(format!("Basic realm=\"{}\"", quotable(realm))).ok().map(|it| (WWW_AUTHENTICATE, it)),
            Refusal::Method(allowed) => Some((ALLOW, HeaderValue::from_static(allowed))),
            Refusal::TooMany { retry_after } => Some((RETRY_AFTER, HeaderValue::from(retry_after))),
            Refusal::Unavailable(_) => Some((RETRY_AFTER, HeaderValue::from_static("1"))),
            _ => None,
        };
        response.headers_mut().extend(header);
        response
    }
}

/// Whatever the gateway lacks, the caller hears the same.
impl<E: Into<Outage>> From<E> for Refusal {
    fn from(outage: E) -> Self {
        Refusal::Unavailable(outage.into())
    }
}
