//! The gateway in memory: no sockets, a clock that cases move, and the upstreams called directly.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use http_body_util::{BodyExt, BodyStream, StreamBody};
use postern_core::gateway::{Client, Gateway, Incoming, Settings};
use postern_core::platform::memory::Memory;
use postern_core::platform::{
    Attempts, Body, BodyError, Capabilities, CounterError, CounterKey, CounterSeries, CounterStore, LocalBoxFuture, Platform, Precision,
    Tasks, Timestamp,
};

use crate::format::{Abilities, Request};
use crate::random::TestRandom;
use crate::run::{Prepared, now};
use crate::target::{Answer, Call, CallBody, Deployment, Exposed, Instance, Target};
use crate::upstream::{DirectClient, Upstreams};

/// Bytes of a request body that a rule may read when a case does not say, as at the edge.
const MAX_REQUEST_SIZE: u64 = 4 << 20;

/// The fastest target, and what `postern test` runs.
pub struct MemoryTarget;

impl Target for MemoryTarget {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            capabilities: Capabilities::MEMORY,
            socket: false,
            connect: true,
            wire_headers: true,
            counter_outage: true,
            one_instance: true,
        }
    }

    fn expose(&self, upstreams: Rc<Upstreams>) -> LocalBoxFuture<'_, Result<Exposed, String>> {
        // Loopback addresses, so that a rule about destinations treats them as it does on the other hosts.
        let urls = upstreams.names().into_iter().zip(10_001..).map(|(name, port)| (name, format!("http://127.0.0.1:{port}"))).collect();
        Box::pin(async { Ok(Exposed { urls, guard: Box::new(()) }) })
    }

    fn start(&self, deployment: Deployment) -> LocalBoxFuture<'_, Result<Box<dyn Instance>, String>> {
        Box::pin(async move { Ok(Box::new(MemoryInstance::new(deployment)) as Box<dyn Instance>) })
    }
}

struct MemoryInstance {
    gateway: Gateway,
    memory: Memory,
    platform: Platform,
}

impl MemoryInstance {
    fn new(deployment: Deployment) -> Self {
        let memory = Memory::new(now());
        for (key, value) in deployment.store {
            memory.store.insert(&key, value);
        }
        for (name, value) in &deployment.secrets {
            memory.secrets.insert(name, value);
        }
        let urls = deployment.urls.into_iter().map(|(name, url)| (url, name));
        let names: BTreeMap<_, _> = urls.chain(deployment.connect).map(|(url, name)| (authority(&url).to_owned(), name)).collect();
        let http = Rc::new(DirectClient::new(deployment.upstreams, names));
        let mut platform = Platform { tasks: Rc::new(Spawned), ..memory.platform(http, Rc::new(TestRandom), Capabilities::MEMORY) };
        if deployment.counters_down {
            platform.counters = Rc::new(NoCounters);
        }
        let settings = Settings { region: deployment.region, base_url: None, max_request_size: MAX_REQUEST_SIZE };
        Self { gateway: Gateway::new(deployment.snapshot, settings), memory, platform }
    }
}

impl Instance for MemoryInstance {
    fn send(&self, call: Call) -> LocalBoxFuture<'_, Result<Answer, String>> {
        Box::pin(async move {
            let version = if call.http2 { http::Version::HTTP_2 } else { http::Version::HTTP_11 };
            let client = Client { ip: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)), version };
            let response = self.gateway.handle(&self.platform, Incoming { request: to_request(call)?, client }).await;
            let (head, body) = response.into_parts();
            let headers = head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), Bytes::copy_from_slice(value.as_bytes())));
            let body = BodyStream::new(body).map(|frame| frame.map_err(|error| error.to_string()));
            Ok(Answer { status: head.status.as_u16(), headers: headers.collect(), informational: Vec::new(), body: Box::pin(body) })
        })
    }

    fn advance(&self, by: Duration) -> Result<(), String> {
        self.memory.clock.advance(by);
        Ok(())
    }

    fn logs(&self) -> LocalBoxFuture<'_, Result<Vec<String>, String>> {
        Box::pin(async { Ok(self.memory.log.lines()) })
    }
}

fn authority(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, authority)| authority).trim_end_matches('/')
}

/// A request of a case as the gateway gets it; `token` is the name and value of the header that carries one.
///
/// # Errors
/// The text is for the request's author.
pub fn to_http(request: &Request, domain: &str, token: Option<(String, String)>) -> Result<http::Request<Body>, String> {
    to_request(Prepared::new(request, domain, token)?.call(&Rc::default()))
}

fn to_request(call: Call) -> Result<http::Request<Body>, String> {
    let body = match call.body {
        CallBody::None => Body::Empty,
        CallBody::Whole(bytes) => Body::from(bytes),
        CallBody::Chunks(chunks) => Body::Stream(Box::pin(StreamBody::new(chunks).map_err(|never| -> BodyError { match never {} }))),
    };
    let uri = format!("http://{}{}", call.host, call.target);
    let mut request = http::Request::builder().method(call.method.as_str()).uri(uri).header(http::header::HOST, call.host);
    if let Some(length) = body.known_length().filter(|length| *length > 0) {
        request = request.header(http::header::CONTENT_LENGTH, length);
    }
    for (name, value) in call.headers {
        request = request.header(name, value.as_ref());
    }
    request.body(body).map_err(|error| error.to_string())
}

/// Counters that do not answer.
struct NoCounters;

impl NoCounters {
    fn fail<T>(&self) -> LocalBoxFuture<'_, Result<T, CounterError>> {
        Box::pin(async { Err(CounterError("the counters are down".into())) })
    }
}

impl CounterStore for NoCounters {
    fn increment<'a>(&'a self, _: &'a CounterKey, _: i64, _: Timestamp) -> LocalBoxFuture<'a, Result<i64, CounterError>> {
        self.fail()
    }

    fn remove<'a>(&'a self, _: &'a CounterKey) -> LocalBoxFuture<'a, Result<(), CounterError>> {
        self.fail()
    }

    fn count<'a>(&'a self, _: &'a CounterSeries, _: Timestamp) -> LocalBoxFuture<'a, Result<Attempts, CounterError>> {
        self.fail()
    }

    fn precision(&self) -> Precision {
        Precision::Exact
    }
}

/// Work runs beside the requests, as it does on the other hosts: some of it waits until a response's body has ended.
struct Spawned;

impl Tasks for Spawned {
    fn wait_until(&self, task: LocalBoxFuture<'static, ()>) {
        tokio::task::spawn_local(task);
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}
