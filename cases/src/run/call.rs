use std::rc::Rc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures::StreamExt;
use http_body::Frame;

use crate::format::{Chunk, Request, RequestBody};
use crate::lines::split_header;
use crate::matching::decode;
use crate::target::{Call, CallBody};
use crate::upstream::Gates;

/// A request as it goes on the wire, ready to be sent more than once.
#[derive(Clone)]
pub(crate) struct Prepared {
    method: String,
    host: String,
    target: String,
    headers: Vec<(String, Bytes)>,
    body: PreparedBody,
    http2: bool,
}

#[derive(Clone)]
enum PreparedBody {
    None,
    Whole(Bytes),
    Chunks(Vec<Chunk>),
}

impl Prepared {
    /// # Errors
    /// The text is for the case's author.
    pub fn new(request: &Request, domain: &str, token: Option<(String, String)>) -> Result<Self, String> {
        let host = match (&request.host, &request.service) {
            (Some(host), None) => host.clone(),
            (None, Some(service)) => format!("{service}.{domain}"),
            (None, None) => domain.to_owned(),
            (Some(_), Some(_)) => return Err("a request has `host` or `service`, not both".into()),
        };
        let mut headers: Vec<(String, Bytes)> = request
            .headers
            .iter()
            .map(|line| split_header(line))
            .map(|(name, value)| (name.to_owned(), Bytes::copy_from_slice(value.as_bytes())))
            .collect();
        headers.extend(token.map(|(name, value)| (name, Bytes::from(value))));
        if let Some(pair) = &request.basic {
            headers.push(("authorization".into(), format!("Basic {}", BASE64_STANDARD.encode(pair)).into()));
        }
        let (content_type, body) = prepare_body(request.body.as_ref())?;
        if let Some(content_type) = content_type
            && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        {
            headers.push(("content-type".into(), Bytes::from_static(content_type.as_bytes())));
        }
        let method = match &request.method {
            Some(method) => method.clone(),
            None if request.body.is_some() => "POST".into(),
            None => "GET".into(),
        };
        let target = request.path.clone().unwrap_or_else(|| "/".into());
        Ok(Self { method, host, target, headers, body, http2: request.http2 })
    }

    pub fn call(&self, gates: &Rc<Gates>) -> Call {
        let body = match &self.body {
            PreparedBody::None => CallBody::None,
            PreparedBody::Whole(bytes) => CallBody::Whole(bytes.clone()),
            PreparedBody::Chunks(chunks) => CallBody::Chunks(Box::pin(frames(chunks.clone(), gates.clone()).map(Ok))),
        };
        let (method, host, target) = (self.method.clone(), self.host.clone(), self.target.clone());
        Call { method, host, target, headers: self.headers.clone(), body, http2: self.http2 }
    }

    /// All bytes of the body.
    pub fn sent(&self) -> Vec<u8> {
        match &self.body {
            PreparedBody::None => Vec::new(),
            PreparedBody::Whole(bytes) => bytes.to_vec(),
            PreparedBody::Chunks(chunks) => chunks.iter().flat_map(chunk_bytes).collect(),
        }
    }
}

fn prepare_body(body: Option<&RequestBody>) -> Result<(Option<&'static str>, PreparedBody), String> {
    const JSON: Option<&str> = Some("application/json");
    Ok(match body {
        None => (None, PreparedBody::None),
        Some(RequestBody::Text(text)) => (None, whole(text.clone())),
        Some(RequestBody::Json(value)) => (JSON, whole(value.to_string())),
        Some(RequestBody::JsonOfSize(size)) => (JSON, whole(json_of_size(*size))),
        Some(RequestBody::Form(text)) => (Some("application/x-www-form-urlencoded"), whole(text.clone())),
        Some(RequestBody::Base64(text)) => (None, whole(decode(text)?)),
        Some(RequestBody::Repeated(repeated)) => (None, whole(repeated.text())),
        Some(RequestBody::Size(size)) => (None, whole(vec![0; *size])),
        Some(RequestBody::Chunks(chunks)) => (None, PreparedBody::Chunks(chunks.clone())),
    })
}

fn whole(bytes: impl Into<Bytes>) -> PreparedBody {
    PreparedBody::Whole(bytes.into())
}

/// `{"model":"m","pad":"…"}`, so that rules about the model have something to read.
fn json_of_size(size: usize) -> String {
    const EMPTY: &str = r#"{"model":"m","pad":""}"#;
    format!(r#"{{"model":"m","pad":"{}"}}"#, "x".repeat(size.saturating_sub(EMPTY.len())))
}

fn frames(chunks: Vec<Chunk>, gates: Rc<Gates>) -> impl futures::Stream<Item = Frame<Bytes>> {
    futures::stream::iter(chunks).filter_map(move |chunk| {
        let gates = gates.clone();
        async move {
            if let Chunk::Wait(gate) = &chunk {
                gates.wait(gate).await;
            }
            let bytes = chunk_bytes(&chunk);
            (!bytes.is_empty()).then(|| Frame::data(bytes.into()))
        }
    })
}

fn chunk_bytes(chunk: &Chunk) -> Vec<u8> {
    match chunk {
        Chunk::Text(text) => text.clone().into_bytes(),
        Chunk::Size(size) => vec![0; *size],
        Chunk::Wait(_) => Vec::new(),
    }
}
