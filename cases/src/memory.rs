//! The gateway in memory: no sockets, a clock that cases move, and the upstreams called directly.

mod faults;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use http_body_util::{BodyExt, BodyStream, StreamBody};
use postern_core::gateway::{Client, Gateway, Incoming, Settings};
use postern_core::platform::memory::{Memory, MemorySecrets};
use postern_core::platform::{Body, BodyError, Capabilities, Clock, LocalBoxFuture, Platform, Tasks, Timestamp};
use postern_core::snapshot::Snapshot;

use crate::format::{Abilities, Outage, Request};
use crate::random::TestRandom;
use crate::run::{Prepared, now};
use crate::target::{Answer, Call, CallBody, Deployment, Exposed, Instance, StoreEdit, Target};
use crate::upstream::{DirectClient, Upstreams};
use faults::{FaultyCounters, FaultyStore, Outages};

/// Bytes of a request body that a rule may read when a case does not say, as at the edge.
const MAX_REQUEST_SIZE: u64 = 4 << 20;

/// The fastest target, and what `postern test` runs.
pub struct MemoryTarget;

impl MemoryTarget {
    /// What it can do.
    pub const ABILITIES: Abilities = Abilities {
        capabilities: Capabilities::MEMORY,
        socket: false,
        own_http: false,
        connect: true,
        wire_headers: true,
        counter_outage: true,
        store_access: true,
        one_instance: true,
    };
}

impl Target for MemoryTarget {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn abilities(&self) -> Abilities {
        Self::ABILITIES
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
    gateway: RefCell<Rc<Started>>,
    memory: Memory,
    store: Rc<FaultyStore>,
    snapshot: Snapshot,
    settings: Settings,
}

/// What a restart replaces.
struct Started {
    gateway: Gateway,
    platform: Platform,
}

impl MemoryInstance {
    fn new(deployment: Deployment) -> Self {
        let memory = Memory::new(deployment.clock.unwrap_or_else(now));
        let outages = Outages::default();
        outages.set(&deployment.down);
        let (entries, reuse_for) = (RefCell::new(deployment.store), deployment.reuse_for);
        let store = Rc::new(FaultyStore { entries, reuse_for, outages: outages.clone() });
        for (name, value) in &deployment.secrets {
            memory.secrets.insert(name, value);
        }
        let urls = deployment.urls.into_iter().map(|(name, url)| (url, name));
        let names: BTreeMap<_, _> = urls.chain(deployment.connect).map(|(url, name)| (authority(&url).to_owned(), name)).collect();
        let http = Rc::new(DirectClient::new(deployment.upstreams, names));
        let platform = Platform {
            tasks: Rc::new(Spawned),
            store: store.clone(),
            counters: Rc::new(FaultyCounters { inner: memory.counters.clone(), outages }),
            ..memory.platform(http, Rc::new(TestRandom), Capabilities::MEMORY)
        };
        let settings = Settings { region: deployment.region, base_url: None, max_request_size: MAX_REQUEST_SIZE };
        let gateway = Gateway::new(deployment.snapshot.clone(), settings.clone());
        let gateway = RefCell::new(Rc::new(Started { gateway, platform }));
        Self { gateway, memory, store, snapshot: deployment.snapshot, settings }
    }
}

impl Instance for MemoryInstance {
    fn send(&self, call: Call) -> LocalBoxFuture<'_, Result<Answer, String>> {
        Box::pin(async move {
            let version = if call.http2 { http::Version::HTTP_2 } else { http::Version::HTTP_11 };
            let client = Client { ip: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)), version };
            let running = self.gateway.borrow().clone();
            let response = running.gateway.handle(&running.platform, Incoming { request: to_request(call)?, client }).await;
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

    fn rewind(&self, by: Duration) -> Result<(), String> {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.memory.clock.set(Timestamp(self.memory.clock.now().0.saturating_sub(by)));
        Ok(())
    }

    fn set_down(&self, outages: &[Outage]) -> Result<(), String> {
        self.store.outages.set(outages);
        Ok(())
    }

    fn edit_store(&self, edit: StoreEdit<'_>) -> Result<(), String> {
        edit(&mut self.store.entries.borrow_mut())
    }

    fn restart(&self, secrets: &BTreeMap<String, String>) -> Result<(), String> {
        let fresh = Rc::new(MemorySecrets::default());
        for (name, value) in secrets {
            fresh.insert(name, value);
        }
        let platform = Platform { secrets: fresh, ..self.gateway.borrow().platform.clone() };
        let gateway = Gateway::new(self.snapshot.clone(), self.settings.clone());
        self.gateway.replace(Rc::new(Started { gateway, platform }));
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
