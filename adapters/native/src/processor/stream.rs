use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::channel::mpsc;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue, TE, USER_AGENT};
use http::uri::PathAndQuery;
use http::{Method, Request, Response, StatusCode, Uri};
use http_body::{Body as _, Frame};
use postern_core::platform::processor::{ExchangeOptions, ProcessingRequest, ProcessingResponse, ProcessorStream};
use postern_core::platform::{Body, BodyError, HttpClient, HttpError, LocalBoxFuture, SendOptions};
use prost::Message;

use super::message::ProcessingResponse as WireResponse;
use super::{convert, framing};
use crate::NativeClient;

/// One call of `ExternalProcessor.Process`.
pub struct GrpcStream {
    outgoing: mpsc::UnboundedSender<Result<Frame<Bytes>, BodyError>>,
    incoming: Incoming,
    /// Of messages that are not there whole.
    arrived: BytesMut,
}

enum Incoming {
    /// Servers answer with their head when they first have something to say.
    Opening(LocalBoxFuture<'static, Result<Response<Body>, HttpError>>),
    Open(Body),
}

const PROCESS: PathAndQuery = PathAndQuery::from_static("/envoy.service.ext_proc.v3.ExternalProcessor/Process");

/// How long a server may take to end its side after ours.
const GOODBYE: Duration = Duration::from_secs(5);

impl GrpcStream {
    pub fn new(client: NativeClient, origin: Uri) -> Self {
        let (outgoing, messages) = mpsc::unbounded();
        let options = SendOptions { http2: true, ..SendOptions::default() };
        let opening = Box::pin(async move { client.send(call(origin, messages)?, options).await });
        Self { outgoing, incoming: Incoming::Opening(opening), arrived: BytesMut::new() }
    }

    async fn next(&mut self, limit: usize) -> Result<WireResponse, HttpError> {
        if let Incoming::Opening(opening) = &mut self.incoming {
            let response = opening.await?;
            check_head(&response)?;
            self.incoming = Incoming::Open(response.into_body());
        }
        loop {
            if let Some(message) = framing::take(&mut self.arrived, limit).map_err(HttpError::Broken)? {
                return WireResponse::decode(message).map_err(|error| HttpError::Broken(error.to_string()));
            }
            let Incoming::Open(body) = &mut self.incoming else { return Err(HttpError::Broken("the stream is not open".into())) };
            match next_frame(body).await {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.arrived.extend_from_slice(&data),
                    Err(frame) => return Err(status_error(&frame.into_trailers().unwrap_or_default())),
                },
                Some(Err(error)) => return Err(HttpError::Broken(error.to_string())),
                None => return Err(HttpError::Broken("the processor ended the stream".into())),
            }
        }
    }
}

impl ProcessorStream for GrpcStream {
    fn exchange(
        &mut self,
        request: ProcessingRequest,
        options: ExchangeOptions,
    ) -> LocalBoxFuture<'_, Result<ProcessingResponse, HttpError>> {
        Box::pin(async move {
            let frame = Frame::data(framing::write(&convert::request(&request)));
            self.outgoing.unbounded_send(Ok(frame)).map_err(|_| HttpError::Broken("the processor ended the stream".into()))?;
            let answer = tokio::time::timeout(options.timeout, self.next(options.limit)).await.unwrap_or(Err(HttpError::Timeout))?;
            convert::response(answer).map_err(HttpError::Broken)
        })
    }

    /// Ends our side, and lets the server end its own: a stream that is dropped would look to it like a failure.
    fn finish(self: Box<Self>) {
        let Self { outgoing, incoming, .. } = *self;
        let Incoming::Open(mut body) = incoming else { return };
        drop(outgoing);
        tokio::task::spawn_local(tokio::time::timeout(GOODBYE, async move { while let Some(Ok(_)) = next_frame(&mut body).await {} }));
    }
}

fn call(origin: Uri, messages: mpsc::UnboundedReceiver<Result<Frame<Bytes>, BodyError>>) -> Result<Request<Body>, HttpError> {
    let mut parts = origin.into_parts();
    parts.path_and_query = Some(PROCESS);
    let uri = Uri::from_parts(parts).map_err(|error| HttpError::Connect(error.to_string()))?;
    let mut request = Request::new(Body::Stream(Box::pin(http_body_util::StreamBody::new(messages))));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri;
    for (name, value) in [(CONTENT_TYPE, "application/grpc"), (TE, "trailers"), (USER_AGENT, "postern")] {
        request.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(request)
}

fn check_head(response: &Response<Body>) -> Result<(), HttpError> {
    if response.status() != StatusCode::OK {
        return Err(HttpError::Broken(format!("the processor answered {}", response.status())));
    }
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !content_type.starts_with("application/grpc") {
        return Err(HttpError::Broken(format!("the processor answered with {content_type:?}, not gRPC")));
    }
    // A call that failed at once has its status here.
    if response.headers().contains_key("grpc-status") { Err(status_error(response.headers())) } else { Ok(()) }
}

/// Also for status 0: a message of ours is without its answer.
fn status_error(headers: &HeaderMap) -> HttpError {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("none");
    HttpError::Broken(format!("the processor ended the stream with grpc-status {}: {}", text("grpc-status"), text("grpc-message")))
}

async fn next_frame(body: &mut Body) -> Option<Result<Frame<Bytes>, BodyError>> {
    std::future::poll_fn(|cx| std::pin::Pin::new(&mut *body).poll_frame(cx)).await
}
