//! A provider that says what it was asked, and notices what it is asked twice.

use std::collections::HashSet;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::task::{LocalSet, spawn_local};

/// Of a stream.
pub const EVENTS: usize = 10;
const BETWEEN_EVENTS: Duration = Duration::from_millis(3);

#[derive(Clone)]
pub struct Provider {
    pub address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    known: Mutex<HashSet<String>>,
    doubled: AtomicU64,
    open: AtomicI64,
}

impl Provider {
    /// Serves on a loopback port and a thread of its own until the process ends.
    pub fn start() -> Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let (address, state) = (listener.local_addr()?, Arc::new(State::default()));
        let (runtime, its) = (Builder::new_current_thread().enable_all().build()?, state.clone());
        thread::Builder::new().name("provider".into()).spawn(move || LocalSet::new().block_on(&runtime, serve(listener, its)))?;
        Ok(Self { address, state })
    }

    /// Requests that came more than once.
    pub fn doubled(&self) -> u64 {
        self.state.doubled.load(Ordering::Relaxed)
    }

    /// Streams that nobody has read to their end, nor left.
    pub fn open(&self) -> i64 {
        self.state.open.load(Ordering::Relaxed)
    }

    /// Whether a request came here at all.
    pub fn knows(&self, nonce: &str) -> bool {
        self.state.known.lock().is_ok_and(|known| known.contains(nonce))
    }
}

async fn serve(listener: std::net::TcpListener, state: Arc<State>) -> Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let state = state.clone();
        let service = service_fn(move |request| answer(request, state.clone()));
        spawn_local(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(request: Request<Incoming>, state: Arc<State>) -> Result<Response<BoxBody<Bytes, Infallible>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let nonce = asked.get("nonce").and_then(Value::as_str).unwrap_or_default().to_owned();
    if !state.known.lock().is_ok_and(|mut known| known.insert(nonce.clone())) {
        state.doubled.fetch_add(1, Ordering::Relaxed);
    }
    if asked.get("stream").is_some() {
        let response = Response::builder().header("content-type", "text/event-stream").body(events(nonce, state));
        return Ok(response.unwrap_or_default_body());
    }
    let key = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let told = json!({"nonce": nonce, "path": head.uri.path(), "key": key, "length": body.len()});
    let response = Response::builder().header("content-type", "application/json");
    Ok(response.body(Full::new(Bytes::from(told.to_string())).boxed()).unwrap_or_default_body())
}

fn events(nonce: String, state: Arc<State>) -> BoxBody<Bytes, Infallible> {
    let (sender, mut receiver) = mpsc::channel::<Bytes>(1);
    state.open.fetch_add(1, Ordering::Relaxed);
    spawn_local(async move {
        for index in 0..EVENTS {
            if sender.send(Bytes::from(format!("data: {{\"nonce\":\"{nonce}\",\"index\":{index}}}\n\n"))).await.is_err() {
                break;
            }
            tokio::time::sleep(BETWEEN_EVENTS).await;
        }
        let _ = sender.send(Bytes::from_static(b"data: [DONE]\n\n")).await;
        state.open.fetch_sub(1, Ordering::Relaxed);
    });
    let stream = futures::stream::poll_fn(move |cx| receiver.poll_recv(cx).map(|event| event.map(|event| Ok(Frame::data(event)))));
    BodyExt::boxed(StreamBody::new(stream))
}

/// A response of fixed headers is always one.
trait Fixed {
    fn unwrap_or_default_body(self) -> Response<BoxBody<Bytes, Infallible>>;
}

impl Fixed for http::Result<Response<BoxBody<Bytes, Infallible>>> {
    fn unwrap_or_default_body(self) -> Response<BoxBody<Bytes, Infallible>> {
        self.unwrap_or_else(|_| Response::new(Full::default().boxed()))
    }
}
