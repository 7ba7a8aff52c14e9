use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use serde_json::{Value, json};

use super::provider::{EVENTS, Provider};
use super::reload::Reloads;
use crate::connection::Connection;

/// What the workers do, each in an order of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Large,
    Small,
    LongBody,
    Stream,
    /// Leaves in the middle of a stream.
    Leaves,
    WrongToken,
    WrongModel,
}

const KINDS: [Kind; 10] = [
    Kind::Small,
    Kind::Large,
    Kind::Stream,
    Kind::Small,
    Kind::WrongToken,
    Kind::Large,
    Kind::Leaves,
    Kind::LongBody,
    Kind::Stream,
    Kind::WrongModel,
];

const LONG: usize = 200_000;
/// A request that gets no answer for so long never will.
const PATIENCE: Duration = Duration::from_secs(20);
const KEY: &str = "Bearer sk-provider-key-of-the-benchmark";

pub struct Traffic {
    address: SocketAddr,
    token: String,
    provider: Provider,
    reloads: Reloads,
}

#[derive(Debug, Default)]
pub struct Seen {
    pub requests: u64,
    /// What each wrong answer was.
    pub wrong: Vec<String>,
}

impl Seen {
    pub fn add(&mut self, mut other: Self) {
        self.requests += other.requests;
        self.wrong.append(&mut other.wrong);
    }
}

impl Traffic {
    pub fn new(address: SocketAddr, token: String, provider: Provider, reloads: Reloads) -> Self {
        Self { address, token, provider, reloads }
    }

    /// One worker: a request after the other, until the time is over.
    pub async fn send(self: Rc<Self>, number: usize, until: Instant) -> Seen {
        let mut seen = Seen::default();
        let mut connection = None;
        // Workers begin at different places, so that all kinds are under way at any time.
        for (turn, kind) in KINDS.iter().cycle().skip(number).enumerate() {
            if Instant::now() >= until {
                break;
            }
            let nonce = format!("{number}-{turn}");
            seen.requests += 1;
            let asked = tokio::time::timeout(PATIENCE, self.ask(&mut connection, *kind, &nonce)).await;
            if let Err(error) = asked.context("no answer in time").flatten() {
                seen.wrong.push(format!("{kind:?} {nonce}: {error:#}"));
                connection = None;
            }
        }
        seen
    }

    async fn ask(&self, connection: &mut Option<Connection>, kind: Kind, nonce: &str) -> Result<()> {
        let mut own = match connection.take().filter(|connection| connection.sender.is_ready()) {
            Some(connection) => connection,
            None => Connection::open(self.address).await?,
        };
        let response = own.sender.send_request(self.request(kind, nonce)?).await?;
        match kind {
            Kind::Large | Kind::Small | Kind::LongBody => self.check(kind, nonce, response).await?,
            Kind::Stream => self.check_stream(nonce, response).await?,
            Kind::Leaves => {
                self.check_head(&response)?;
                let mut response = response;
                response.frame().await.context("the stream has no event")??;
                return Ok(());
            }
            Kind::WrongToken | Kind::WrongModel => {
                let expected = if kind == Kind::WrongToken { 401 } else { 403 };
                ensure!(response.status() == expected, "{} in place of {expected}", response.status());
                response.into_body().collect().await?;
                ensure!(!self.provider.knows(nonce), "the provider saw a request that was refused");
            }
        }
        *connection = Some(own);
        Ok(())
    }

    fn request(&self, kind: Kind, nonce: &str) -> Result<Request<Full<Bytes>>> {
        let model = match kind {
            Kind::Large => "large",
            Kind::WrongModel => "unheard-of",
            _ => "small",
        };
        let mut body = json!({"model": model, "nonce": nonce});
        if let Some(fields) = body.as_object_mut() {
            if matches!(kind, Kind::Stream | Kind::Leaves) {
                fields.insert("stream".into(), true.into());
            }
            if kind == Kind::LongBody {
                fields.insert("text".into(), "x".repeat(LONG).into());
            }
        }
        let token = if kind == Kind::WrongToken { "pst_at_nobody" } else { &self.token };
        let request = Request::post("/v1/chat/completions")
            .header("host", format!("chat.localhost:{}", self.address.port()))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json");
        Ok(request.body(Full::new(Bytes::from(body.to_string())))?)
    }

    fn check_head(&self, response: &Response<Incoming>) -> Result<()> {
        ensure!(response.status() == 200, "{}", response.status());
        let version = response.headers().get("x-version").and_then(|value| value.to_str().ok()).unwrap_or_default();
        ensure!(self.reloads.has(version), "there is no configuration of version {version:?}");
        Ok(())
    }

    async fn check(&self, kind: Kind, nonce: &str, response: Response<Incoming>) -> Result<()> {
        self.check_head(&response)?;
        let told: Value = serde_json::from_slice(&response.into_body().collect().await?.to_bytes())?;
        let path = if kind == Kind::Large { "/large/v1/chat/completions" } else { "/small/v1/chat/completions" };
        let expected = json!({"nonce": nonce, "path": path, "key": KEY});
        for field in ["nonce", "path", "key"] {
            ensure!(told.get(field) == expected.get(field), "{field}: {told}");
        }
        let length = told.get("length").and_then(Value::as_u64).unwrap_or_default();
        ensure!(kind != Kind::LongBody || length > LONG as u64, "the provider got {length} bytes");
        Ok(())
    }

    async fn check_stream(&self, nonce: &str, response: Response<Incoming>) -> Result<()> {
        self.check_head(&response)?;
        let text = response.into_body().collect().await?.to_bytes();
        let mut expected: String = (0..EVENTS).map(|index| format!("data: {{\"nonce\":\"{nonce}\",\"index\":{index}}}\n\n")).collect();
        expected += "data: [DONE]\n\n";
        if text != expected.as_bytes() {
            bail!("another stream: {}", String::from_utf8_lossy(&text));
        }
        Ok(())
    }
}
