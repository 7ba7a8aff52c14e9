use std::rc::Rc;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, TRAILER};
use http::{Method, Response, StatusCode};

use super::changes::{Changes, Failure};
use super::head::Head;
use super::transformation::{Transformation, check_room};
use crate::body::{BodyBudget, read_whole};
use crate::error::{ErrorKind, GatewayError};
use crate::platform::{Body, LocalBoxFuture, has_no_body};
use crate::plugin::content::is_endless;
use crate::plugin::{Call, Draft, ResponseHook};

/// Bytes of a response's body that templates may read.
const MAX_RESPONSE: usize = 4 << 20;

/// A transformation that waits for the response.
pub struct Waiting {
    transformation: Rc<Transformation>,
    plugin: String,
    /// The request as it goes on, if a template asks for it.
    request: Option<Head<'static>>,
    /// The response has no body, whatever its head says (RFC 9110 §9.3.2).
    to_head: bool,
    budget: BodyBudget,
}

impl Waiting {
    pub fn new(transformation: Rc<Transformation>, call: &Call<'_>, draft: &Draft) -> Self {
        let request = transformation.needs_request_headers.then(|| Head::of_request(call, draft).kept());
        let (_, budget) = draft.limits();
        Self { transformation, plugin: call.scope.plugin.clone(), request, to_head: draft.method == Method::HEAD, budget }
    }

    async fn transform(&self, call: &Call<'_>, response: Response<Body>) -> Result<Response<Body>, GatewayError> {
        let is_empty = self.to_head || has_no_body(response.status());
        let passes = response.status() == StatusCode::SWITCHING_PROTOCOLS
            || self.transformation.touches_body() && is_endless(response.headers())
            || self.transformation.needs_body && is_empty
            || is_error(&response) && self.is_too_large(&response);
        if passes {
            return Ok(response);
        }
        let (head, body) = response.into_parts();
        let (bytes, body, _held) = if self.transformation.needs_body {
            read_whole(body, &head.headers, MAX_RESPONSE, &self.budget).await.map_err(unreadable)?
        } else {
            (Bytes::new(), body, None)
        };
        let mut response = Response::from_parts(head, body);
        let changes = self.transformation.run(&Head::of_response(&response), self.request.as_ref(), &bytes, call.platform.random.as_ref());
        let changed = changes.and_then(|changes| apply(changes, &mut response, is_empty));
        match changed {
            Ok(()) => Ok(response),
            // What the upstream has to say about it is worth more to the caller than that it cannot be transformed.
            Err(_) if is_error(&response) => Ok(response),
            Err(failure) => {
                let detail = format!("the plugin {:?} cannot transform the response: {failure}", self.plugin);
                Err(GatewayError::new(ErrorKind::Transformation, detail))
            }
        }
    }

    fn is_too_large(&self, response: &Response<Body>) -> bool {
        let declared = || response.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse::<u64>().ok();
        let length = response.body().known_length().or_else(declared);
        self.transformation.needs_body && length.is_some_and(|length| length > MAX_RESPONSE as u64)
    }
}

impl ResponseHook for Waiting {
    fn on_response<'a>(
        self: Box<Self>,
        call: &'a Call<'a>,
        response: Response<Body>,
    ) -> LocalBoxFuture<'a, Result<Response<Body>, GatewayError>> {
        Box::pin(async move { self.transform(call, response).await })
    }
}

/// All of it, or nothing.
fn apply(changes: Changes, response: &mut Response<Body>, is_empty: bool) -> Result<(), Failure> {
    let mut headers = response.headers().clone();
    changes.apply_headers(&mut headers, |headers, name| {
        headers.remove(name);
    });
    check_room(&headers)?;
    *response.headers_mut() = headers;
    if let Some(body) = changes.body.filter(|_| !is_empty) {
        // What was true of the old bytes; the host tells the new length.
        for name in [CONTENT_LENGTH, CONTENT_ENCODING, ETAG, TRAILER] {
            response.headers_mut().remove(name);
        }
        if body.is_empty() {
            response.headers_mut().remove(CONTENT_TYPE);
        }
        *response.body_mut() = Body::from(body);
    }
    if let Some(status) = changes.status {
        *response.status_mut() = status;
        if has_no_body(status) {
            response.headers_mut().remove(CONTENT_LENGTH);
            *response.body_mut() = Body::Empty;
        }
    }
    Ok(())
}

fn is_error(response: &Response<Body>) -> bool {
    response.status().is_client_error() || response.status().is_server_error()
}

/// The upstream sent it, not the caller.
fn unreadable(error: GatewayError) -> GatewayError {
    let kind = match error.kind {
        ErrorKind::BodyTooLarge | ErrorKind::BadRequest => ErrorKind::UpstreamBroken,
        other => other,
    };
    GatewayError::new(kind, format!("the response's body: {}", error.detail))
}
