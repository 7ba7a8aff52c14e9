use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Instant;

use http_body_util::BodyExt;
use postern_core::platform::{Body, BodyError, HttpClient, HttpError, LocalBoxFuture, SendOptions};

use super::{NoReply, ReplyBody, Upstreams};

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
            let host = options.host.clone().unwrap_or(authority);
            let host = http::HeaderValue::try_from(host).map_err(|error| HttpError::Broken(error.to_string()))?;
            request.headers_mut().insert(http::header::HOST, host);
            let whole = async { options.read(response(self.upstreams.answer(name, request).await)?).await };
            let began = Instant::now();
            let response = match options.head_timeout(None) {
                Some(timeout) => tokio::time::timeout(timeout, whole).await.map_err(|_| HttpError::Timeout)??,
                None => whole.await?,
            };
            let sleep = Rc::new(|duration| Box::pin(tokio::time::sleep(duration)) as LocalBoxFuture<'static, ()>);
            Ok(response.map(|body| options.deadlines.watch(body, began.elapsed(), sleep)))
        })
    }
}

fn response(answer: Result<http::Response<ReplyBody>, NoReply>) -> Result<http::Response<Body>, HttpError> {
    match answer {
        Ok(response) => Ok(response.map(|body| Body::Stream(Box::pin(body.map_err(|broken| BodyError::Broken(broken.to_string())))))),
        Err(NoReply::Refused) => Err(HttpError::Connect("connection refused".into())),
        Err(NoReply::Closed) => Err(HttpError::Broken("connection closed before a response".into())),
    }
}
