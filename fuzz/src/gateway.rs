//! A gateway in memory, and what everybody around it sees of a request.

use std::cell::RefCell;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

use bytes::{Bytes, BytesMut};
use futures::executor::block_on;
use futures::stream;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, Version};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use postern_core::gateway::{Client, Gateway, Incoming, Settings};
use postern_core::platform::memory::Memory;
use postern_core::platform::{Body, BodyError, Capabilities, HttpClient, HttpError, LocalBoxFuture, SendOptions};
use postern_core::snapshot::Snapshot;

use crate::{NOW, Sevens};

/// The value of the secret `canary`.
pub const CANARY: &str = "canary-0123456789abcdef";

/// The gateway, kept between requests as an instance keeps it.
pub struct World {
    gateway: Gateway,
}

/// What a request led to.
pub struct Seen {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub log: Vec<String>,
    pub upstream: Vec<Sent>,
}

/// What an upstream received.
pub struct Sent {
    pub host: String,
    pub path: String,
    pub headers: HeaderMap,
}

impl World {
    pub fn new(snapshot: Snapshot) -> Self {
        Self { gateway: Gateway::new(snapshot, Settings { region: None, base_url: None, max_request_size: 4096 }) }
    }

    /// Sends a request as it is written on the wire, and reads the answer. `None` for what no host would hand over.
    pub fn send(&self, text: &str) -> Option<Seen> {
        let request = parse(text)?;
        let memory = Memory::new(NOW);
        memory.secrets.insert("POSTERN_KEY", "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=");
        memory.secrets.insert("POSTERN_SECRET_CANARY", CANARY);
        let upstream = Rc::new(Upstream::default());
        let platform = memory.platform(upstream.clone(), Rc::new(Sevens), Capabilities::MEMORY);
        let client = Client { ip: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)), version: Version::HTTP_11 };
        let (head, body) = block_on(self.gateway.handle(&platform, Incoming { request, client })).into_parts();
        let body = block_on(collect(body));
        block_on(memory.tasks.run());
        Some(Seen { status: head.status.as_u16(), headers: head.headers, body, log: memory.log.lines(), upstream: upstream.0.take() })
    }
}

/// Lines of a head, a blank line, and the body. Where the text has an odd length the body arrives in pieces.
fn parse(text: &str) -> Option<Request<Body>> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?, first.next()?);
    let mut headers = HeaderMap::new();
    for (name, value) in lines.take(64).filter_map(|line| line.split_once(':')) {
        headers.append(name.parse::<HeaderName>().ok()?, value.trim().parse::<HeaderValue>().ok()?);
    }
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("localhost").to_owned();
    let body = Bytes::copy_from_slice(body.as_bytes());
    let body = if text.len() % 2 == 1 { streamed(body) } else { Body::from(body) };
    let mut request = Request::builder().method(method).uri(format!("http://{host}{target}")).body(body).ok()?;
    headers.remove("content-length");
    if let Some(length) = request.body().known_length().filter(|length| *length > 0) {
        headers.insert("content-length", length.into());
    }
    *request.headers_mut() = headers;
    request.uri().authority()?;
    Some(request)
}

fn streamed(body: Bytes) -> Body {
    let pieces: Vec<_> = body.chunks(5).map(|piece| Ok::<_, Infallible>(Frame::data(Bytes::copy_from_slice(piece)))).collect();
    Body::Stream(Box::pin(StreamBody::new(stream::iter(pieces)).map_err(|never| -> BodyError { match never {} })))
}

async fn collect(mut body: Body) -> Bytes {
    let mut all = BytesMut::new();
    while let Some(Ok(frame)) = body.frame().await {
        if let Ok(data) = frame.into_data() {
            all.extend_from_slice(&data);
        }
    }
    all.freeze()
}

/// Keeps what it received, and answers all the same.
#[derive(Default)]
struct Upstream(RefCell<Vec<Sent>>);

impl HttpClient for Upstream {
    fn send(&self, request: Request<Body>, _: SendOptions) -> LocalBoxFuture<'_, Result<Response<Body>, HttpError>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            collect(body).await;
            self.0.borrow_mut().push(Sent {
                host: head.uri.host().unwrap_or_default().to_owned(),
                path: head.uri.path().to_owned(),
                headers: head.headers,
            });
            let mut response = Response::new(streamed(Bytes::from_static(b"data: {\"ok\": true}\n\ndata: [DONE]\n\n")));
            response.headers_mut().insert("content-type", HeaderValue::from_static("text/event-stream"));
            Ok(response)
        })
    }
}
