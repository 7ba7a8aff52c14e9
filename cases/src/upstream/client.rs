use std::collections::BTreeMap;
use std::rc::Rc;

use http_body_util::BodyExt;
use postern_core::platform::{Body, BodyError, HttpClient, HttpError, LocalBoxFuture, SendOptions};
use tokio::time::Instant;

use super::{NoReply, Upstreams};

/// A way out that leads to the fake upstreams without a network: each has an authority of its own.
pub struct DirectClient {
    upstreams: Rc<Upstreams>,
    names: BTreeMap<String, String>,
}

impl DirectClient {
    /// `names`: authority to upstream.
    pub fn new(upstreams: Rc<Upstreams>, names: BTreeMap<String, String>) -> Self {
        Self { upstreams, names }
    }
}

impl HttpClient for DirectClient {
    fn send(&self, mut request: http::Request<Body>, options: SendOptions) -> LocalBoxFuture<'_, Result<http::Response<Body>, HttpError>> {
        Box::pin(async move {
            let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
            let Some(name) = self.names.get(&authority) else {
                return Err(HttpError::Connect(format!("no upstream of the case is at {authority}")));
            };
            let host = options.host.unwrap_or(authority);
            let host = http::HeaderValue::try_from(host).map_err(|error| HttpError::Broken(error.to_string()))?;
            request.headers_mut().insert(http::header::HOST, host);
            let answer = self.upstreams.answer(name, request);
            let deadline = options.timeout.map(|timeout| Instant::now() + timeout);
            let answer = match deadline {
                Some(deadline) => tokio::time::timeout_at(deadline, answer).await.map_err(|_| HttpError::Timeout)?,
                None => answer.await,
            };
            let deadline = deadline.filter(|_| options.timeout_covers_body);
            match answer {
                Ok(response) => Ok(response.map(|body| {
                    let body = Body::Stream(Box::pin(body.map_err(|broken| BodyError::Broken(broken.to_string()))));
                    match deadline {
                        Some(deadline) => body.until(Box::pin(tokio::time::sleep_until(deadline))),
                        None => body,
                    }
                })),
                Err(NoReply::Refused) => Err(HttpError::Connect("connection refused".into())),
                Err(NoReply::Closed) => Err(HttpError::Broken("connection closed before a response".into())),
            }
        })
    }
}
