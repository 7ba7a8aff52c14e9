//! Configurations are published while several threads of clients send requests and streams are open.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::SinkExt;
use futures::channel::mpsc::Sender;
use http::{Request, StatusCode};
use http_body::Frame;
use http_body_util::BodyExt;
use postern_core::gateway::Gateway;
use serde_json::json;
use tokio::runtime::Builder;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::spawn_blocking;

use crate::fixture::{Body, Client, Host, Reply, Upstream, bytes, channel, read_all, soon};

const PUBLISHED: u64 = 20;
const CLIENTS: u64 = 8;
/// Each is on one thread of the host, whichever that is.
const HOST_THREADS: usize = 3;
const SERVICES: [&str; 2] = ["left", "right"];

/// How often each request arrived upstream, by the path that it arrived at.
type Arrived = Arc<Mutex<BTreeMap<String, usize>>>;
/// The streams that are open, by the same.
type Streams = Arc<Mutex<BTreeMap<String, Sender<Option<Frame<Bytes>>>>>>;

/// Two anonymous Services that tell the upstream who they are and of which configuration.
fn snapshot(generation: u64, upstream: &str) -> String {
    let service = |name: &str| {
        let path = json!({"addPrefix": format!("/{name}/{generation}")});
        let spec = json!({"mode": "HTTP", "isPublic": true, "isAnonymous": true, "config": {"upstream": {"url": upstream}, "http": {"path": path}}});
        (format!("{name}.default"), json!({"kind": "Service", "metadata": {"name": name}, "spec": spec}))
    };
    json!({
        "format": 1, "generation": generation, "domain": "localhost",
        "gateway": {"kind": "Gateway", "metadata": {"name": "default"}, "spec": {}},
        "services": SERVICES.map(service).into_iter().collect::<serde_json::Map<_, _>>(),
        "namespaces": {}, "users": {}, "groups": {}, "policies": {}, "credentials": {}, "secrets": {},
    })
    .to_string()
}

/// Answers with the path and the body that arrived; below `/…/stream/` it leaves the answer open.
async fn upstream(arrived: &Arrived, streams: &Streams) -> Upstream {
    let (arrived, streams) = (arrived.clone(), streams.clone());
    Upstream::start(move |request| {
        let (arrived, streams) = (arrived.clone(), streams.clone());
        async move { answer(request, &arrived, &streams).await }
    })
    .await
}

async fn answer(request: Request<hyper::body::Incoming>, arrived: &Arrived, streams: &Streams) -> Reply {
    let path = request.uri().path().to_owned();
    *arrived.lock().unwrap().entry(path.clone()).or_default() += 1;
    if path.contains("/stream/") {
        let (sender, reply) = channel();
        streams.lock().unwrap().insert(path, sender);
        return reply;
    }
    let body = request.into_body().collect().await.unwrap().to_bytes();
    bytes([path.as_bytes(), b" ", &body].concat())
}

/// Sends requests until it is told to stop; each answer must be that of its request, from the Service that was asked, and from no
/// older configuration than the answer before. How many there were, and the last configuration.
async fn send_requests(host: std::net::SocketAddr, number: u64, newest: Arc<AtomicU64>, stop: Arc<AtomicBool>) -> (u64, u64) {
    let mut client = Client::connect(host, number % 2 == 1).await;
    let (mut sent, mut seen) = (0, 1);
    while !stop.load(Ordering::SeqCst) || seen < newest.load(Ordering::SeqCst) {
        let service = SERVICES[usize::try_from(sent).unwrap() % SERVICES.len()];
        let name = format!("client-{number}/request-{sent}");
        let request = Request::post(format!("http://{service}.localhost/{name}")).body(Body::of(name.clone())).unwrap();
        let response = client.call(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let text = String::from_utf8(read_all(response).await.to_vec()).unwrap();
        let generation = generation_of(&text);
        assert_eq!(text, format!("/{service}/{generation}/{name} {name}"));
        assert!((seen..=newest.load(Ordering::SeqCst)).contains(&generation), "{generation} after {seen}");
        (sent, seen) = (sent + 1, generation);
    }
    (sent, seen)
}

fn generation_of(path: &str) -> u64 {
    path.split('/').nth(2).unwrap().parse().unwrap()
}

/// A stream that is under way, and where its request arrived.
async fn open_stream(client: &mut Client, number: u64, streams: &Streams) -> (String, hyper::body::Incoming) {
    let request = Request::get(format!("http://left.localhost/stream/{number}")).body(Body::empty()).unwrap();
    let response = client.call(request).await.unwrap();
    let end = format!("/stream/{number}");
    let path = streams.lock().unwrap().keys().find(|path| path.ends_with(&end)).unwrap().clone();
    (path, response.into_body())
}

async fn say(streams: &Streams, path: &str, text: String) {
    let mut sender = streams.lock().unwrap().get(path).unwrap().clone();
    sender.send(Some(Frame::data(text.into()))).await.unwrap();
}

async fn publish(host: &Host, outcomes: &mut UnboundedReceiver<Result<(), String>>, snapshot: String) -> Result<(), String> {
    host.snapshot.send(snapshot.into()).unwrap();
    soon("the report of a reload", outcomes.recv()).await.unwrap()
}

#[tokio::test]
async fn no_request_is_lost_doubled_or_misrouted_and_no_stream_is_disturbed() {
    let (arrived, streams) = (Arrived::default(), Streams::default());
    let upstream = upstream(&arrived, &streams).await;
    let (reported, mut outcomes) = unbounded_channel();
    let host = Host::serving::<Gateway>(&snapshot(1, &upstream.url()), |options| {
        options.threads = NonZeroUsize::new(HOST_THREADS);
        options.on_reload = Arc::new(move |outcome| reported.send(outcome).unwrap());
    })
    .unwrap();
    let (newest, stop) = (Arc::new(AtomicU64::new(1)), Arc::new(AtomicBool::new(false)));
    let client = |number| {
        let requests = send_requests(host.address, number, newest.clone(), stop.clone());
        spawn_blocking(move || Builder::new_current_thread().enable_all().build().unwrap().block_on(requests))
    };
    let load: Vec<_> = (0..CLIENTS).map(client).collect();
    let mut open = Vec::new();
    for generation in 2..=1 + PUBLISHED {
        let mut client = Client::connect(host.address, false).await;
        let (path, body) = open_stream(&mut client, generation, &streams).await;
        say(&streams, &path, format!("{path} begins; ")).await;
        open.push((client, path, body));
        // Bad ones between the good ones: no JSON, and one that this version does not know.
        for bad in ["{", r#"{"format":99}"#] {
            assert!(publish(&host, &mut outcomes, bad.into()).await.is_err());
        }
        // First, as a thread may have it before the test learns of it.
        newest.store(generation, Ordering::SeqCst);
        assert_eq!(publish(&host, &mut outcomes, snapshot(generation, &upstream.url())).await, Ok(()));
    }
    stop.store(true, Ordering::SeqCst);
    let mut sent = PUBLISHED;
    for client in load {
        let (requests, last) = soon("a client's end", client).await.unwrap();
        assert_eq!(last, 1 + PUBLISHED);
        sent += requests;
    }
    for (_client, path, body) in open {
        say(&streams, &path, "and ends".to_owned()).await;
        streams.lock().unwrap().remove(&path);
        let whole = soon("the stream's end", body.collect()).await.unwrap().to_bytes();
        assert_eq!(whole, format!("{path} begins; and ends"));
    }
    let arrived = arrived.lock().unwrap().clone();
    assert_eq!(arrived.len() as u64, sent, "every request arrived");
    assert!(arrived.values().all(|times| *times == 1), "and once");
    host.stop();
    let log = host.log.clone();
    host.wait().await;
    assert_eq!(log.text().lines().count() as u64, sent, "each has its entry in the log");
}
