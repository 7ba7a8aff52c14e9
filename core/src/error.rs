//! What can go wrong with a request, decided where it arises and turned into a response in one place.

mod dialect;

use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS};
use http::{Response, StatusCode};

use crate::grpc;
use crate::platform::Body;
pub use dialect::last_event;

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    Client,
    Upstream,
    Gateway,
}

/// Whether the same request may succeed later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It will fail again.
    No,
    /// At once, or after as long as the caller's SDK waits by itself.
    Soon,
    /// No sooner than this: `Retry-After` (RFC 9110 §10.2.3).
    After(Duration),
}

/// The kinds of failure that a caller can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    BadRequest,
    /// A body that rules need cannot be read as they need it.
    InvalidBody,
    Unauthenticated,
    Forbidden,
    NotFound,
    BodyTooLarge,
    TooManyRequests,
    /// An expression of the configuration failed for this request.
    Evaluation,
    /// Something in the gateway that should hold did not.
    Internal,
    /// The configuration names no upstream for this request.
    NoUpstream,
    /// The upstream's credential cannot be had.
    Credential,
    /// No connection: name, TCP, TLS, or a destination that the host forbids.
    UpstreamUnreachable,
    /// The connection broke, or the answer was not HTTP.
    UpstreamBroken,
    UpstreamTimeout,
    /// An external processor did not answer, or not as it should.
    Processor,
    /// A response could not be changed as the configuration says.
    Transformation,
    /// The configuration asks for what this build or host cannot do.
    NotImplemented,
    /// An upstream leads back to the gateway.
    Loop,
    /// The Service is switched off.
    Disabled,
    /// A store that is needed did not answer.
    StoreUnavailable,
    /// The keys that another issuer's tokens are checked with cannot be had.
    IssuerUnavailable,
    /// Too many bodies at once.
    Overloaded,
}

/// A request that ends here. `detail` is for the log; the caller sees the kind's own sentence, or `message`.
#[derive(Debug, Clone)]
pub struct GatewayError {
    pub kind: ErrorKind,
    pub retry: Retry,
    /// What the caller is told; it names no policy, upstream or secret.
    pub message: String,
    /// For the log only.
    pub detail: String,
    /// Headers that belong to the answer, such as a challenge.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Where a person is sent instead (RFC 9110 §15.4.4).
    pub redirect: Option<Box<HeaderValue>>,
    /// What the caller understands.
    pub shape: Shape,
}

/// Whose errors an answer looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shape {
    #[default]
    OpenAi,
    Anthropic,
    Google,
    Grpc,
    /// No body: status and headers say everything.
    Empty,
}

impl GatewayError {
    pub fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        let retry = match kind {
            ErrorKind::UpstreamUnreachable
            | ErrorKind::UpstreamBroken
            | ErrorKind::UpstreamTimeout
            | ErrorKind::StoreUnavailable
            | ErrorKind::IssuerUnavailable => Retry::Soon,
            ErrorKind::Overloaded => Retry::After(Duration::from_secs(1)),
            _ => Retry::No,
        };
        Self {
            kind,
            retry,
            message: kind.sentence().to_owned(),
            detail: detail.into(),
            headers: Vec::new(),
            redirect: None,
            shape: Shape::default(),
        }
    }

    /// Tells the caller more than the kind's own sentence.
    #[must_use]
    pub fn saying(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Sends a person elsewhere. What goes with the refusal of a program, such as a challenge, is left out.
    #[must_use]
    pub fn redirecting(mut self, location: HeaderValue) -> Self {
        self.headers.clear();
        self.redirect = Some(Box::new(location));
        self
    }

    /// Says it so that the caller understands. What has no body gets none, unless the caller would take it for something else.
    #[must_use]
    pub fn shaped(self, shape: Shape) -> Self {
        let stays = self.shape == Shape::Empty && shape != Shape::Grpc;
        Self { shape: if stays { self.shape } else { shape }, ..self }
    }

    /// The answer, in its shape.
    pub fn into_response(self) -> Response<Body> {
        if self.shape == Shape::Grpc {
            return grpc::refusal(self.kind, &self.message, self.headers.into_iter().collect());
        }
        if let Some(location) = self.redirect {
            return see_other(*location, self.headers);
        }
        if self.shape == Shape::Empty {
            return empty(self.kind.status(), self.headers);
        }
        let text = dialect::body(self.shape, self.kind, &self.message);
        let mut response = Response::new(Body::from(Bytes::from(text)));
        *response.status_mut() = self.kind.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert("x-should-retry", HeaderValue::from_static(if self.retry == Retry::No { "false" } else { "true" }));
        if let Retry::After(delay) = self.retry {
            // Rounded up: who comes a moment too early is refused again.
            let seconds = u64::try_from(delay.as_millis().div_ceil(1000)).unwrap_or(u64::MAX).max(1);
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
            headers.insert("retry-after-ms", HeaderValue::from(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX)));
        }
        for (name, value) in self.headers {
            headers.append(name, value);
        }
        response
    }
}

fn empty(status: StatusCode, others: Vec<(HeaderName, HeaderValue)>) -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    for (name, value) in others {
        headers.append(name, value);
    }
    response
}

/// Without a body: nothing that the caller sent is shown.
fn see_other(location: HeaderValue, others: Vec<(HeaderName, HeaderValue)>) -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(LOCATION, location);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in others {
        headers.append(name, value);
    }
    response
}

impl ErrorKind {
    /// The status of the response (RFC 9110 §15).
    pub fn status(self) -> StatusCode {
        match self {
            ErrorKind::BadRequest | ErrorKind::InvalidBody => StatusCode::BAD_REQUEST,
            ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
            ErrorKind::Forbidden => StatusCode::FORBIDDEN,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorKind::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            ErrorKind::Evaluation | ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            ErrorKind::NotImplemented => StatusCode::NOT_IMPLEMENTED,
            ErrorKind::Loop => StatusCode::LOOP_DETECTED,
            ErrorKind::NoUpstream
            | ErrorKind::Credential
            | ErrorKind::UpstreamUnreachable
            | ErrorKind::UpstreamBroken
            | ErrorKind::Processor
            | ErrorKind::Transformation => StatusCode::BAD_GATEWAY,
            ErrorKind::Disabled | ErrorKind::StoreUnavailable | ErrorKind::IssuerUnavailable | ErrorKind::Overloaded => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            ErrorKind::UpstreamTimeout => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// For the access log: whom to ask.
    pub fn blame(self) -> Blame {
        match self {
            ErrorKind::BadRequest
            | ErrorKind::InvalidBody
            | ErrorKind::Unauthenticated
            | ErrorKind::Forbidden
            | ErrorKind::NotFound
            | ErrorKind::BodyTooLarge
            | ErrorKind::TooManyRequests => Blame::Client,
            ErrorKind::UpstreamUnreachable | ErrorKind::UpstreamBroken | ErrorKind::UpstreamTimeout => Blame::Upstream,
            _ => Blame::Gateway,
        }
    }

    /// The machine-readable name, in `error.code` and in the access log.
    pub fn code(self) -> &'static str {
        match self {
            ErrorKind::BadRequest => "bad_request",
            ErrorKind::InvalidBody => "invalid_body",
            ErrorKind::Unauthenticated => "unauthenticated",
            ErrorKind::Forbidden => "forbidden",
            ErrorKind::NotFound => "not_found",
            ErrorKind::BodyTooLarge => "body_too_large",
            ErrorKind::TooManyRequests => "too_many_requests",
            ErrorKind::Evaluation => "policy_error",
            ErrorKind::Internal => "internal_error",
            ErrorKind::NoUpstream => "no_upstream",
            ErrorKind::Credential => "upstream_credential_unavailable",
            ErrorKind::UpstreamUnreachable => "upstream_unreachable",
            ErrorKind::UpstreamBroken => "upstream_broken",
            ErrorKind::UpstreamTimeout => "upstream_timeout",
            ErrorKind::Processor => "processor_failed",
            ErrorKind::Transformation => "transformation_failed",
            ErrorKind::NotImplemented => "not_implemented",
            ErrorKind::Loop => "loop_detected",
            ErrorKind::Disabled => "service_disabled",
            ErrorKind::StoreUnavailable => "store_unavailable",
            ErrorKind::IssuerUnavailable => "issuer_unavailable",
            ErrorKind::Overloaded => "overloaded",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            ErrorKind::BadRequest => "The request cannot be understood.",
            ErrorKind::InvalidBody => "The request's body must be one JSON object.",
            ErrorKind::Unauthenticated => "A valid access token is needed.",
            ErrorKind::Forbidden => "This request is not allowed.",
            ErrorKind::NotFound => "There is nothing here.",
            ErrorKind::BodyTooLarge => "The request's body is too large.",
            ErrorKind::TooManyRequests => "Too many requests.",
            ErrorKind::Evaluation => "The gateway's rules could not be evaluated for this request.",
            ErrorKind::Internal => "The gateway failed.",
            ErrorKind::NoUpstream => "No upstream is configured for this request.",
            ErrorKind::Credential => "The gateway has no credential for the upstream.",
            ErrorKind::UpstreamUnreachable => "The upstream cannot be reached.",
            ErrorKind::UpstreamBroken => "The upstream's answer broke off.",
            ErrorKind::UpstreamTimeout => "The upstream did not answer in time.",
            ErrorKind::Processor => "An external processor of the gateway failed.",
            ErrorKind::Transformation => "The upstream's answer cannot be transformed.",
            ErrorKind::Loop => "The request goes round in a loop.",
            ErrorKind::NotImplemented => "This service needs something that this host cannot do.",
            ErrorKind::Disabled => "This service is switched off.",
            ErrorKind::StoreUnavailable => "The gateway's store did not answer.",
            ErrorKind::IssuerUnavailable => "The keys of the token's issuer cannot be fetched.",
            ErrorKind::Overloaded => "The gateway is busy.",
        }
    }
}
