use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures::future::{Either, select};
use http::header::HOST;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use postern_core::platform::{Body, HttpClient, HttpError, LocalBoxFuture, SendOptions};
use spin_sdk::http::send;
use spin_sdk::time::sleep;
use spin_sdk::wasip3::http::types::{ErrorCode, RequestOptions};
use spin_sdk::wasip3::http_compat::RequestOptionsExtension;

use crate::body;

/// `wasi:http/client`, within the component's `allowed_outbound_hosts`.
pub struct SpinHttpClient;

impl HttpClient for SpinHttpClient {
    fn send(&self, request: Request<Body>, options: SendOptions) -> LocalBoxFuture<'_, Result<Response<Body>, HttpError>> {
        Box::pin(async move {
            let whole = async { options.read(exchange(request, &options).await?).await };
            let began = Instant::now();
            let response = match options.head_timeout(None).filter(|_| options.whole.is_some()) {
                None => whole.await?,
                // Spin's own limits are on the first byte, and on each pause after it.
                Some(limit) => match select(pin!(whole), pin!(sleep(limit))).await {
                    Either::Left((answer, _)) => answer?,
                    Either::Right(_) => return Err(HttpError::Timeout),
                },
            };
            let sleep = Rc::new(|duration| Box::pin(sleep(duration)) as LocalBoxFuture<'static, ()>);
            Ok(response.map(|body| options.deadlines.watch(body, began.elapsed(), sleep)))
        })
    }
}

async fn exchange(request: Request<Body>, options: &SendOptions) -> Result<Response<Body>, HttpError> {
    let (mut parts, sent) = request.into_parts();
    // Spin takes the host from the URI, and refuses another one.
    parts.headers.remove(HOST);
    if !(sent.is_empty() && matches!(parts.method, Method::GET | Method::HEAD | Method::CONNECT | Method::TRACE)) {
        body::declare_length(&mut parts.headers, &sent);
    }
    if let Some(options) = request_options(options) {
        parts.extensions.insert(RequestOptionsExtension(options));
    }
    let is_head = parts.method == Method::HEAD;
    // That the client's own body broke, Spin reports as a failed call like any other.
    let broken = Rc::new(RefCell::new(None));
    let seen = broken.clone();
    let sent = sent.map_err(move |error| {
        *seen.borrow_mut() = Some(error.to_string());
        error
    });
    let response = send(Request::from_parts(parts, sent)).await;
    let (parts, received) = response.map_err(|code| broken.take().map_or_else(|| http_error(code), HttpError::RequestBody))?.into_parts();
    let is_bodiless = is_head || matches!(parts.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let received = if is_bodiless { Body::Empty } else { body::stream(received, &parts.headers) };
    Ok(Response::from_parts(parts, received))
}

/// Spin's own limit on the first byte, and on each pause after it.
const SPINS_OWN: Duration = Duration::from_secs(600);
const FOREVER: Duration = Duration::from_secs(24 * 3600);

/// Spin counts the time to connect as part of the time to the first byte, and has a limit of its own on pauses, which may be shorter
/// than what is allowed here.
fn request_options(send: &SendOptions) -> Option<RequestOptions> {
    let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).ok();
    let own = send.deadlines.total.map(|_| SPINS_OWN);
    let timeout = send.head_timeout(own).and_then(nanoseconds);
    // Longer than what is watched for, which ends a body in its own words.
    let pause = send.deadlines.idle.map(|idle| if idle.is_zero() { FOREVER } else { idle.saturating_mul(2).max(SPINS_OWN) });
    let idle = pause.and_then(nanoseconds);
    if timeout.is_none() && idle.is_none() {
        return None;
    }
    let options = RequestOptions::new();
    if timeout.is_some() {
        options.set_connect_timeout(timeout).ok()?;
        options.set_first_byte_timeout(timeout).ok()?;
    }
    if idle.is_some() {
        options.set_between_bytes_timeout(idle).ok()?;
    }
    Some(options)
}

fn http_error(code: ErrorCode) -> HttpError {
    use ErrorCode as E;
    let why = code.to_string();
    match code {
        E::HttpRequestDenied | E::DestinationIpProhibited => HttpError::Forbidden(why),
        E::ConnectionTimeout | E::ConnectionReadTimeout | E::DnsTimeout | E::HttpResponseTimeout => HttpError::Timeout,
        E::DnsError(_) | E::DestinationNotFound | E::DestinationUnavailable | E::DestinationIpUnroutable => HttpError::Connect(why),
        E::ConnectionRefused | E::ConnectionLimitReached => HttpError::Connect(why),
        E::TlsProtocolError | E::TlsCertificateError | E::TlsAlertReceived(_) => HttpError::Connect(why),
        E::HttpRequestBodySize(_) => HttpError::RequestBody(why),
        _ => HttpError::Broken(why),
    }
}
