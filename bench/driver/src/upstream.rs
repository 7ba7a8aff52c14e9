//! The provider that every measured host talks to: an OpenAI chat completion, or 50 events of one.

use std::convert::Infallible;
use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

const EVENTS: usize = 50;
const BETWEEN_EVENTS: Duration = Duration::from_millis(2);

/// Serves on a loopback port of its own until the process ends.
pub async fn start() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    tokio::task::spawn_local(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            tokio::task::spawn_local(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)));
        }
    });
    Ok(address)
}

async fn answer(request: Request<Incoming>) -> Result<Response<BoxBody<Bytes, Infallible>>, hyper::Error> {
    let streamed = request.uri().path().ends_with("/stream");
    // A provider reads the request before it answers.
    request.into_body().collect().await?;
    let (content_type, body) = if streamed { ("text/event-stream", events()) } else { ("application/json", completion()) };
    let mut response = Response::new(body);
    response.headers_mut().insert("content-type", http::HeaderValue::from_static(content_type));
    response.headers_mut().insert("x-request-id", http::HeaderValue::from_static("req_bench"));
    Ok(response)
}

fn completion() -> BoxBody<Bytes, Infallible> {
    const TEXT: &str = r#"{"id":"chatcmpl-bench","object":"chat.completion","created":0,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"A reverse proxy takes requests for somebody else, and a gateway decides first whether it should. This sentence makes the answer as long as a short one of a real provider."},"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":34,"total_tokens":46}}"#;
    Full::new(Bytes::from_static(TEXT.as_bytes())).boxed()
}

fn events() -> BoxBody<Bytes, Infallible> {
    let (sender, mut receiver) = mpsc::channel::<Bytes>(1);
    tokio::task::spawn_local(async move {
        for index in 0..EVENTS {
            let event = format!("data: {{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"word {index} \"}}}}]}}\n\n");
            if sender.send(Bytes::from(event)).await.is_err() {
                return;
            }
            tokio::time::sleep(BETWEEN_EVENTS).await;
        }
        let _ = sender.send(Bytes::from_static(b"data: [DONE]\n\n")).await;
    });
    let stream = futures::stream::poll_fn(move |cx| receiver.poll_recv(cx).map(|event| event.map(|event| Ok(Frame::data(event)))));
    BodyExt::boxed(StreamBody::new(stream))
}
