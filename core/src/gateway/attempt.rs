//! One attempt at a request: an exchange with the upstream, with its credential.

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};

use crate::error::{ErrorKind, GatewayError, Retry};
use crate::platform::{Body, HttpError, Platform, SendOptions};
use crate::receive::{has_other_coding, strip_response, strip_response_trailers};
use crate::service::Config;
use crate::telemetry::PendingEntry;
use crate::upstream::{Credential, InjectContext, Injected};

use super::installed::Installed;

/// A request that is ready but for the upstream's credential.
pub struct Outgoing {
    pub head: Parts,
    pub options: SendOptions,
    pub body: Body,
    /// What was read of the body, or put in its place.
    pub bytes: Option<Bytes>,
    /// It asks to become a WebSocket.
    pub websocket: bool,
}

/// Why an attempt has no answer.
pub struct Failed {
    pub error: GatewayError,
    /// What the host said, if it was asked at all. Where it was not, another attempt would end in the same way.
    pub cause: Option<HttpError>,
}

/// Sends the request. One that the upstream answers 401 is sent once more, if its body is still there and there is another credential
/// to try.
///
/// # Errors
/// 502 without the credential, and then nothing is sent; 502 and 504 without an answer; 400 when the caller's body breaks off.
pub async fn exchange(
    installed: &Installed,
    platform: &Platform,
    config: &Config,
    outgoing: Outgoing,
    entry: &mut PendingEntry,
) -> Result<Response<Body>, Failed> {
    let Outgoing { head, options, body, bytes, websocket } = outgoing;
    let mut send =
        async |head: Parts, body: Body| send(installed, platform, config, (head, options.clone()), (body, bytes.as_ref()), entry).await;
    let can_change = config.credential.as_ref().is_some_and(Credential::can_change);
    let again = copy(&body, bytes.as_ref()).filter(|_| can_change).map(|body| (head.clone(), body));
    let (mut response, injected) = send(head, body).await?;
    // It is told in any case, so that at least the next request fares better.
    if response.status() == StatusCode::UNAUTHORIZED
        && injected.refused(platform.clock.now())
        && let Some((head, body)) = again
    {
        drop(response);
        (response, _) = send(head, body).await?;
    }
    refuse_interim(response.status(), websocket)?;
    Ok(response)
}

/// Once, with the credential as it is now. Nothing may change the request after it, so that nothing can replace it.
async fn send(
    installed: &Installed,
    platform: &Platform,
    config: &Config,
    (mut head, options): (Parts, SendOptions),
    (body, bytes): (Body, Option<&Bytes>),
    entry: &mut PendingEntry,
) -> Result<(Response<Body>, Injected), Failed> {
    entry.propagate(&mut head.headers);
    let earlier = Injected::already(&head.headers);
    let injected = match &config.credential {
        Some(credential) => {
            let (secrets, tokens) = (&installed.secrets, &installed.tokens);
            let context = InjectContext { platform, secrets, tokens, host: options.host.as_deref() };
            credential.inject(&context, &mut head, bytes).await?
        }
        None => Injected::default(),
    }
    .after(earlier);
    let request = Request::from_parts(head, entry.count_upload(body));
    entry.calling(&request, injected.secrets());
    let sent = platform.http.send(request, options).await;
    entry.called(&sent);
    let mut response = sent.map_err(|cause| Failed { error: upstream_error(&cause, &injected), cause: Some(cause) })?;
    if has_other_coding(response.headers()) {
        return Err(GatewayError::new(ErrorKind::UpstreamBroken, "the upstream answered in a transfer coding that nobody asked for").into());
    }
    strip_response(response.status(), response.headers_mut());
    injected.conceal(response.headers_mut());
    let concealing = injected.clone();
    Ok((response.map(|body| strip_response_trailers(body, move |trailers| concealing.conceal(trailers))), injected))
}

/// The same body once more, where sending it does not use it up.
fn copy(body: &Body, bytes: Option<&Bytes>) -> Option<Body> {
    match body {
        Body::Empty => Some(Body::Empty),
        Body::Bytes(bytes) => Some(Body::Bytes(bytes.clone())),
        // The host keeps what was read of it.
        Body::Opaque(opaque) => bytes.map(|_| Body::Opaque(opaque.clone())),
        Body::Stream(_) => None,
    }
}

/// A status below 200 is no answer, but for the 101 that was asked for (RFC 9110 §15.2): the rest of the connection would be
/// taken for whatever the upstream likes.
fn refuse_interim(status: StatusCode, websocket: bool) -> Result<(), GatewayError> {
    if status.is_informational() && !(websocket && status == StatusCode::SWITCHING_PROTOCOLS) {
        return Err(GatewayError::new(ErrorKind::UpstreamBroken, format!("the upstream answered {status}, which nobody asked for")));
    }
    Ok(())
}

fn upstream_error(error: &HttpError, injected: &Injected) -> GatewayError {
    let kind = match error {
        HttpError::Connect(_) | HttpError::Lost(_) | HttpError::Forbidden(_) => ErrorKind::UpstreamUnreachable,
        HttpError::Broken(_) | HttpError::TooLarge { .. } => ErrorKind::UpstreamBroken,
        HttpError::Timeout => ErrorKind::UpstreamTimeout,
        HttpError::RequestBody(_) => ErrorKind::BadRequest,
        HttpError::NoContainer(_) => ErrorKind::NotImplemented,
    };
    let mapped = GatewayError::new(kind, injected.without_secrets(error.to_string()));
    // What the host's rules forbid they will forbid again.
    if matches!(error, HttpError::Forbidden(_)) { GatewayError { retry: Retry::No, ..mapped } } else { mapped }
}

impl From<GatewayError> for Failed {
    fn from(error: GatewayError) -> Self {
        Self { error, cause: None }
    }
}

impl From<Failed> for GatewayError {
    fn from(failed: Failed) -> Self {
        failed.error
    }
}
