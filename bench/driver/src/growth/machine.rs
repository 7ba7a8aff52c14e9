use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST};
use http::{Request, Response};
use postern_core::auth::{NewCredential, Plaintext, StoreWrite, issue};
use postern_core::compile::{Options, WithKeys};
use postern_core::gateway::{Client, Gateway, Incoming, Settings};
use postern_core::platform::memory::Memory;
use postern_core::platform::{
    Body, Capabilities, HttpClient, HttpError, LocalBoxFuture, LogSink, Platform, SecureRandom, SendOptions, Timestamp,
};
use postern_core::resource::CredentialType;
use postern_core::secret::{KEY, KeyRing, MasterKey};
use postern_core::snapshot::Snapshot;
use postern_manifest::{Manifest, Source};
use postern_native::OperatingSystemRandom;

/// What is measured.
pub struct Setup {
    pub resources: String,
    /// Who calls, a User of the resources.
    pub user: &'static str,
    /// Credentials in the store, of which the last one calls.
    pub credentials: usize,
    pub host: String,
    pub body: Bytes,
}

/// A gateway that serves one setup.
pub struct Machine {
    gateway: Gateway,
    memory: Memory,
    platform: Platform,
    request: http::request::Parts,
    body: Bytes,
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
        let platform = memory.platform(Rc::new(AtOnce), Rc::new(OperatingSystemRandom::default()), Capabilities::MEMORY);
        let platform = Platform { log: Rc::new(Nowhere), ..platform };
        let settings = Settings { region: None, base_url: None, max_request_size: MAX_REQUEST_SIZE };
        let gateway = Gateway::new(Snapshot::from_json(&text).map_err(anyhow::Error::msg)?, settings);
        let request = Request::post(format!("http://{}/v1/chat/completions", setup.host))
            .header(HOST, &setup.host)
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .header(CONTENT_TYPE, "application/json")
            .header(CONTENT_LENGTH, setup.body.len());
        let (request, ()) = request.body(())?.into_parts();
        Ok(Self { gateway, memory, platform, request, body: setup.body.clone(), publish, snapshot: text.len() })
    }

    /// # Errors
    /// When the answer is not 200.
    pub async fn request(&self) -> Result<()> {
        let request = Request::from_parts(self.request.clone(), Body::from(self.body.clone()));
        let client = Client { ip: None, version: http::Version::HTTP_11 };
        let response = self.gateway.handle(&self.platform, Incoming { request, client }).await;
        let status = response.status();
        let (_, body) = response.into_parts();
        let (bytes, _) = body.buffer(1 << 20).await.map_err(|error| anyhow::anyhow!("{error}"))?;
        self.memory.tasks.run().await;
        if status == 200 { Ok(()) } else { Err(anyhow::anyhow!("{status}: {}", String::from_utf8_lossy(&bytes))).context("a request") }
    }
}

/// An upstream that reads nothing and answers at once.
struct AtOnce;

impl HttpClient for AtOnce {
    fn send(&self, _: Request<Body>, _: SendOptions) -> LocalBoxFuture<'_, Result<Response<Body>, HttpError>> {
        Box::pin(async { Ok(Response::new(Body::from(Bytes::from_static(b"{}")))) })
    }
}

struct Nowhere;

impl LogSink for Nowhere {
    fn write(&self, line: &str) {
        std::hint::black_box(line);
    }
}
