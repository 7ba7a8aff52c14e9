//! The measured request: what an OpenAI SDK sends for a chat completion, with a body of about 2 KB.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;

use crate::connection::Connection;
use crate::upstream::STAYS;

/// What is sent, again and again.
#[derive(Clone)]
pub struct Call {
    pub kind: Kind,
    pub address: SocketAddr,
    path: &'static str,
    headers: HeaderMap,
    body: Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Chat,
    Stream,
    /// A stream that ends only when the client leaves.
    Open,
}

/// As openai for Node sends them, beside `host`, `authorization` and `content-length`.
const SDK_HEADERS: [(&str, &str); 11] = [
    ("accept", "application/json"),
    ("accept-language", "*"),
    ("content-type", "application/json"),
    ("sec-fetch-mode", "cors"),
    ("user-agent", "OpenAI/JS 5.12.0"),
    ("x-stainless-arch", "x64"),
    ("x-stainless-lang", "js"),
    ("x-stainless-os", "Linux"),
    ("x-stainless-package-version", "5.12.0"),
    ("x-stainless-retry-count", "0"),
    ("x-stainless-runtime", "node"),
];

impl Call {
    /// `host` is the name that the gateway routes by.
    pub fn new(kind: Kind, address: SocketAddr, host: &str, token: &str) -> Result<Self> {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_str(&format!("{host}:{}", address.port()))?);
        headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {token}"))?);
        headers.extend(SDK_HEADERS.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))));
        Ok(Self { kind, address, path: "/v1/chat/completions", headers, body: body(kind) })
    }

    /// With another header.
    pub fn with(mut self, name: &'static str, value: &str) -> Result<Self> {
        self.headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value)?);
        Ok(self)
    }

    /// Sends the request, and waits for the head of a success.
    ///
    /// # Errors
    /// Any other answer.
    pub async fn send(&self, connection: &mut Connection) -> Result<Response<Incoming>> {
        let response = connection.sender.send_request(self.request()?).await?;
        if !response.status().is_success() {
            let status = response.status();
            let text = response.into_body().collect().await?.to_bytes();
            bail!("{} answered {status}: {}", self.address, String::from_utf8_lossy(&text));
        }
        Ok(response)
    }

    fn request(&self) -> Result<Request<Full<Bytes>>> {
        let mut request = Request::post(self.path).body(Full::new(self.body.clone()))?;
        *request.headers_mut() = self.headers.clone();
        Ok(request)
    }
}

/// An access token from the gateway's token endpoint (RFC 6749 §4.4).
pub async fn access_token(address: SocketAddr, client_id: &str, client_secret: &str) -> Result<String> {
    let credentials = STANDARD.encode(format!("{client_id}:{client_secret}"));
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::from_str(&format!("localhost:{}", address.port()))?);
    headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("Basic {credentials}"))?);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    let body = Bytes::from_static(b"grant_type=client_credentials");
    let call = Call { kind: Kind::Chat, address, path: "/oauth2/token", headers, body };
    let mut connection = Connection::open(address).await?;
    let response = call.send(&mut connection).await.context("no access token")?;
    let text = response.into_body().collect().await?.to_bytes();
    let answer: serde_json::Value = serde_json::from_slice(&text)?;
    answer.get("access_token").and_then(|token| token.as_str()).map(str::to_owned).context("the answer holds no access token")
}

fn body(kind: Kind) -> Bytes {
    const TURN: &str =
        "How does a reverse proxy differ from an API gateway, and when would a small team want either of them in front of a model?";
    let how = match kind {
        Kind::Chat => String::new(),
        Kind::Stream => r#""stream":true,"#.to_owned(),
        Kind::Open => format!(r#""stream":true,"user":"{STAYS}","#),
    };
    let turns: Vec<String> = (0..12).map(|_| format!(r#"{{"role":"user","content":"{TURN}"}}"#)).collect();
    let text = format!(r#"{{{how}"model":"gpt-4o-mini","temperature":0.2,"max_tokens":256,"messages":[{}]}}"#, turns.join(","));
    Bytes::from(text)
}
