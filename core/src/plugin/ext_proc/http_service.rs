use std::rc::Rc;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderValue, USER_AGENT};
use http::{Method, Request, StatusCode, Uri};

use super::json;
use crate::platform::processor::{ExchangeOptions, ProcessingRequest, ProcessingResponse, ProcessorStream};
use crate::platform::{Body, HttpClient, HttpError, LocalBoxFuture, SendOptions};

/// Envoy's `http_service`: each message is a request of its own.
pub struct HttpProcessor {
    client: Rc<dyn HttpClient>,
    uri: Uri,
}

impl HttpProcessor {
    pub fn new(client: Rc<dyn HttpClient>, uri: Uri) -> Self {
        Self { client, uri }
    }
}

impl ProcessorStream for HttpProcessor {
    fn exchange(
        &mut self,
        request: ProcessingRequest,
        options: ExchangeOptions,
    ) -> LocalBoxFuture<'_, Result<ProcessingResponse, HttpError>> {
        Box::pin(async move {
            let mut post = Request::new(Body::from(Bytes::from(json::write(&request))));
            *post.method_mut() = Method::POST;
            *post.uri_mut() = self.uri.clone();
            let headers = post.headers_mut();
            for (name, value) in
                [(CONTENT_TYPE, "application/json"), (ACCEPT, "application/json"), (ACCEPT_ENCODING, "identity"), (USER_AGENT, "postern")]
            {
                headers.insert(name, HeaderValue::from_static(value));
            }
            let send = SendOptions { timeout: Some(options.timeout), whole: Some(options.limit), ..SendOptions::default() };
            let (head, body) = self.client.send(post, send).await?.into_parts();
            let broken = |why: String| HttpError::Broken(why);
            // A redirect is no answer either: nothing of the request goes anywhere else.
            if head.status != StatusCode::OK {
                return Err(broken(format!("the processor answered {}", head.status)));
            }
            // It is here already.
            let (bytes, _) = body.buffer(options.limit).await.map_err(|error| broken(error.to_string()))?;
            json::read(&bytes).map_err(broken)
        })
    }

    fn finish(self: Box<Self>) {}
}
