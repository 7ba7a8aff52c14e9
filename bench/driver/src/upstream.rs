//! The provider that every measured program talks to: an OpenAI chat completion, or some events of one. It is also the external
//! processor that one of the Services asks.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::task::{LocalSet, spawn_local};

use crate::stamp::stamp;

/// Of a stream that ends, without the end marker.
pub const EVENTS: usize = 20;
const BETWEEN_EVENTS: Duration = Duration::from_millis(2);

/// The `user` whose streams end only when the client leaves.
pub const STAYS: &str = "stays";
/// In the streams that stay open. 1,000 of them are to leave a machine of two cores idle for the most part.
pub const BETWEEN_SIGNS_OF_LIFE: Duration = Duration::from_millis(500);

/// Serves on a loopback port and a thread of its own until the process ends.
pub fn start() -> Result<SocketAddr> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name("upstream".into()).spawn(move || LocalSet::new().block_on(&runtime, serve(listener)))?;
    Ok(address)
}

async fn serve(listener: std::net::TcpListener) -> Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        spawn_local(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)));
    }
}

/// What decides the answer. Gateways that write the body anew keep these, though not their places.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    stream: bool,
    user: String,
}

async fn answer(request: Request<Incoming>) -> Result<Response<BoxBody<Bytes, Infallible>>, hyper::Error> {
    let is_for_processor = request.uri().path() == "/process";
    // A provider reads the request before it answers.
    let body = request.into_body().collect().await?.to_bytes();
    let asked: Asked = serde_json::from_slice(&body).unwrap_or_default();
    let (content_type, body) = match asked {
        _ if is_for_processor => ("application/json", fixed(r#"{"requestHeaders":{}}"#)),
        Asked { stream: true, user } if user == STAYS => ("text/event-stream", events(usize::MAX, BETWEEN_SIGNS_OF_LIFE)),
        Asked { stream: true, .. } => ("text/event-stream", events(EVENTS, BETWEEN_EVENTS)),
        Asked { stream: false, .. } => ("application/json", fixed(COMPLETION)),
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    for (name, value) in [
        ("content-type", content_type),
        ("openai-organization", "org-bench"),
        ("openai-processing-ms", "12"),
        ("openai-version", "2020-10-01"),
        ("x-ratelimit-remaining-requests", "9999"),
        ("x-request-id", "req_bench"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

const COMPLETION: &str = r#"{"id":"chatcmpl-bench","object":"chat.completion","created":0,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"A reverse proxy takes requests for somebody else, and a gateway decides first whether it should. This sentence makes the answer as long as a short one of a real provider."},"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":34,"total_tokens":46}}"#;

fn fixed(text: &'static str) -> BoxBody<Bytes, Infallible> {
    Full::new(Bytes::from_static(text.as_bytes())).boxed()
}

fn events(count: usize, between: Duration) -> BoxBody<Bytes, Infallible> {
    let (sender, mut receiver) = mpsc::channel::<Bytes>(1);
    spawn_local(async move {
        for _ in 0..count {
            let event = format!(
                "data: {{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":0,\"model\":\"gpt-4o-mini\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"word {} \"}}}}]}}\n\n",
                stamp()
            );
            if sender.send(Bytes::from(event)).await.is_err() {
                return;
            }
            tokio::time::sleep(between).await;
        }
        // A client that has left needs no end marker.
        let _ = sender.send(Bytes::from_static(b"data: [DONE]\n\n")).await;
    });
    let stream = futures::stream::poll_fn(move |cx| receiver.poll_recv(cx).map(|event| event.map(|event| Ok(Frame::data(event)))));
    BodyExt::boxed(StreamBody::new(stream))
}
