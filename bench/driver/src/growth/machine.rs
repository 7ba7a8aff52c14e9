use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use bytes::Bytes;
use futures::stream;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST};
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use postern_core::auth::{NewCredential, Plaintext, StoreWrite, issue};
use postern_core::compile::{Options, WithKeys};
use postern_core::gateway::{Client, Gateway, Incoming, Settings};
use postern_core::platform::memory::Memory;
use postern_core::platform::{
    Body, BoxBody, Capabilities, HttpClient, HttpError, LocalBoxFuture, LogSink, Platform, SecureRandom, SendOptions, Timestamp,
};
use postern_core::resource::CredentialType;
use postern_core::secret::{KEY, KeyRing, MasterKey};
use postern_core::snapshot::Snapshot;
use postern_manifest::{Manifest, Source};
use postern_native::OperatingSystemRandom;

use crate::upstream::EVENTS;

/// What is measured.
pub struct Setup {
    pub resources: String,
    /// Who calls, a User of the resources.
    pub user: &'static str,
    /// Credentials in the store, of which the last one calls.
    pub credentials: usize,
    pub host: String,
    pub body: Bytes,
    /// Answers that are streams, so many of them under way at once. 0: one that comes at once.
    pub streams: usize,
}

/// A gateway that serves one setup.
pub struct Machine {
    gateway: Gateway,
    memory: Memory,
    platform: Platform,
    request: http::request::Parts,
    body: Bytes,
    streams: usize,
    /// From the text to the Snapshot.
    pub publish: Duration,
    /// Bytes.
    pub snapshot: usize,
}

const NOW: Timestamp = Timestamp(1_800_000_000_000);
/// Of a body that rules read.
const MAX_REQUEST_SIZE: u64 = 16 << 20;

impl Machine {
    /// # Errors
    /// When the resources do not compile.
    pub async fn start(setup: &Setup) -> Result<Self> {
        let random = OperatingSystemRandom::default();
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        let key = MasterKey::from_bytes(bytes.into()).to_text().to_string();
        let ring = KeyRing::new("localhost", MasterKey::parse(&key, KEY)?, None);
        let started = Instant::now();
        let manifest = Manifest::parse(vec![Source { name: "growth.yaml".into(), text: setup.resources.clone() }]);
        let protect = WithKeys { ring: &ring, random: &random };
        let (compiled, report) = manifest.compile(Options { generation: 1, protect: Some(&protect), ..Options::default() });
        let Some(compiled) = compiled else { bail!("{}", report.render(false)) };
        let text = serde_json::to_string(&compiled)?;
        let publish = started.elapsed();
        let memory = Memory::new(NOW);
        memory.secrets.insert(KEY, &key);
        let mut token = None;
        for number in 0..setup.credentials {
            let name = format!("app-{number}");
            let new =
                NewCredential { name: &name, kind: CredentialType::AccessToken, user: Some(setup.user), scope: None, expires_at: None };
            let issued = issue(&ring, &random, NOW, &new)?;
            for write in issued.writes {
                if let StoreWrite::Put { key, value } = write {
                    memory.store.insert(&key, value);
                }
            }
            token = Some(issued.plaintext);
        }
        let Some(Plaintext::AccessToken(token)) = token else { bail!("a caller is needed") };
        let token = String::from_utf8(token.expose().to_vec())?;
        let platform = memory.platform(
            Rc::new(AtOnce { streams: setup.streams > 0 }),
            Rc::new(OperatingSystemRandom::default()),
            Capabilities::MEMORY,
        );
        let platform = Platform { log: Rc::new(Nowhere), ..platform };
        let settings = Settings { region: None, base_url: None, max_request_size: MAX_REQUEST_SIZE };
        let gateway = Gateway::new(Snapshot::from_json(&text).map_err(anyhow::Error::msg)?, settings);
        let request = Request::post(format!("http://{}/v1/chat/completions", setup.host))
            .header(HOST, &setup.host)
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .header(CONTENT_TYPE, "application/json")
            .header(CONTENT_LENGTH, setup.body.len());
        let (request, ()) = request.body(())?.into_parts();
        Ok(Self { gateway, memory, platform, request, body: setup.body.clone(), streams: setup.streams, publish, snapshot: text.len() })
    }

    /// One request, or as many as there are to be streams at once.
    ///
    /// # Errors
    /// When an answer is not 200, or breaks off.
    pub async fn run(&self) -> Result<()> {
        let mut under_way = Vec::new();
        for _ in 0..self.requests() {
            under_way.extend(self.answer().await?);
        }
        // A part of each in turn, as if they came at the same time.
        let mut parts = 0;
        while !under_way.is_empty() {
            let mut rest = Vec::with_capacity(under_way.len());
            for mut body in under_way {
                if let Some(frame) = body.frame().await {
                    frame.map_err(|error| anyhow::anyhow!("{error}"))?;
                    parts += 1;
                    rest.push(body);
                }
            }
            under_way = rest;
        }
        self.memory.tasks.run().await;
        ensure!(self.streams == 0 || parts == self.streams * EVENTS, "{parts} events of {} streams came through", self.streams);
        Ok(())
    }

    /// How many requests a run is.
    pub fn requests(&self) -> usize {
        self.streams.max(1)
    }

    /// The answer's body, if it is a stream.
    async fn answer(&self) -> Result<Option<BoxBody>> {
        let request = Request::from_parts(self.request.clone(), Body::from(self.body.clone()));
        let client = Client { ip: None, version: http::Version::HTTP_11 };
        let response = self.gateway.handle(&self.platform, Incoming { request, client }).await;
        let (head, body) = response.into_parts();
        match body {
            Body::Stream(body) if head.status == 200 => Ok(Some(body)),
            body => {
                let (bytes, _) = body.buffer(1 << 20).await.map_err(|error| anyhow::anyhow!("{error}"))?;
                ensure!(head.status == 200, "a request was answered {}: {}", head.status, String::from_utf8_lossy(&bytes));
                Ok(None)
            }
        }
    }
}

/// An upstream that reads nothing and answers at once, with a text or a stream that has all of its events.
struct AtOnce {
    streams: bool,
}

const EVENT: Bytes = Bytes::from_static(b"data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\n");

impl HttpClient for AtOnce {
    fn send(&self, _: Request<Body>, _: SendOptions) -> LocalBoxFuture<'_, Result<Response<Body>, HttpError>> {
        let answer = if self.streams {
            let events = std::iter::repeat_n(EVENT, EVENTS).map(|event| Ok(Frame::data(event)));
            let mut answer = Response::new(Body::Stream(Box::pin(StreamBody::new(stream::iter(events)))));
            answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
            answer
        } else {
            Response::new(Body::from(Bytes::from_static(b"{}")))
        };
        Box::pin(async { Ok(answer) })
    }
}

struct Nowhere;

impl LogSink for Nowhere {
    fn write(&self, line: &str) {
        std::hint::black_box(line);
    }
}
