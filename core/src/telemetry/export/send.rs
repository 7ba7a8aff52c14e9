//! One message to the collector, and what its answer means (OTLP specification, "OTLP/HTTP Response").

use std::time::Duration;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};

use super::Settings;
use super::settings::HeaderText;
use crate::platform::{Body, Platform, SendOptions};
use crate::secret::Secrets;
use crate::telemetry::otlp::{Signal, rejected};

/// Why a message was not taken. The texts are for the log.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    Retry(Retry),
    /// It never will be.
    Refused(String),
}

/// It may be taken later; not before `after` where the collector says so.
#[derive(Debug, PartialEq, Eq)]
pub struct Retry {
    pub why: String,
    pub after: Option<Duration>,
}

/// How long the collector may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The longest wait that a collector can ask for.
const LONGEST_RETRY_AFTER: u64 = 300;

/// More of an answer is not read.
const MAX_ANSWER: usize = 8 << 10;

/// Sends a message; returns how many of its items the collector rejected.
///
/// # Errors
/// [`Failure`].
pub async fn send(settings: &Settings, secrets: &Secrets, platform: &Platform, signal: Signal, message: Vec<u8>) -> Result<u64, Failure> {
    let mut request = Request::new(Body::from(bytes::Bytes::from(message)));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = settings.url(signal).parse().map_err(|_| Failure::Refused("its URL is none".to_owned()))?;
    *request.headers_mut() = headers(settings, secrets, platform).await?;
    let options = SendOptions { timeout: Some(TIMEOUT), ..SendOptions::default() };
    let answer = platform.http.send(request, options).await;
    let response = answer.map_err(|error| retry(error.to_string(), None))?;
    match response.status() {
        status if status.is_success() => Ok(read_rejected(settings, response).await),
        // 502 and 504 are those of a proxy before it.
        StatusCode::TOO_MANY_REQUESTS | StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            Err(retry(format!("it answered {}", response.status()), retry_after(response.headers())))
        }
        status => Err(Failure::Refused(format!("it answered {status}"))),
    }
}

/// Without its credential nothing is sent.
async fn headers(settings: &Settings, secrets: &Secrets, platform: &Platform) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, settings.content_type());
    headers.insert(USER_AGENT, HeaderValue::from_static(concat!("postern/", env!("CARGO_PKG_VERSION"))));
    for (name, text) in &settings.headers {
        let value = match text {
            HeaderText::Literal(value) => value.clone(),
            HeaderText::Secret(secret) => {
                let failed = |why: String| retry(format!("secret {:?}: {why}", secret.as_str()), None);
                let value = secrets.resolve(platform, secret.as_str()).await.map_err(|error| failed(error.to_string()))?;
                value.header_value("").map_err(|error| failed(error.to_string()))?
            }
        };
        headers.insert(name.clone(), value);
    }
    Ok(headers)
}

/// Only an answer that is known to be short is read: nobody waits for one that never ends.
async fn read_rejected(settings: &Settings, response: Response<Body>) -> u64 {
    let length = number(response.headers().get(CONTENT_LENGTH)).and_then(|length| usize::try_from(length).ok());
    if !length.is_some_and(|length| (1..=MAX_ANSWER).contains(&length)) {
        return 0;
    }
    match response.into_body().buffer(MAX_ANSWER).await {
        Ok((answer, _)) => rejected(settings.protocol, &answer),
        Err(_) => 0,
    }
}

fn retry(why: String, after: Option<Duration>) -> Failure {
    Failure::Retry(Retry { why, after })
}

/// In seconds (RFC 9110 §10.2.3). A date is taken for no wish.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    number(headers.get(RETRY_AFTER)).map(|seconds| Duration::from_secs(seconds.min(LONGEST_RETRY_AFTER)))
}

fn number(value: Option<&HeaderValue>) -> Option<u64> {
    value?.to_str().ok()?.trim().parse().ok()
}
