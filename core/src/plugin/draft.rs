use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, Method};

use crate::body::{self, BodyBudget, Held, ReadBody, Replay};
use crate::error::GatewayError;
use crate::platform::Body;
use crate::receive::CleanPath;

/// The request as it will go on. Plugins change it; header rules and the credential come after them.
pub struct Draft {
    pub method: Method,
    pub path: CleanPath,
    /// As written, without the question mark.
    pub query: Option<String>,
    /// After authentication, without the caller's token.
    pub headers: HeaderMap,
    body: Body,
    bytes: Option<Bytes>,
    /// Bytes of a body that plugins may read.
    limit: usize,
    budget: BodyBudget,
    held: Option<Held>,
}

impl Draft {
    pub fn new(
        method: Method,
        path: CleanPath,
        query: Option<String>,
        headers: HeaderMap,
        body: Body,
        limits: (usize, BodyBudget),
    ) -> Self {
        let (limit, budget) = limits;
        Self { method, path, query, headers, body, bytes: None, limit, budget, held: None }
    }

    /// With what was read of the body already.
    #[must_use]
    pub fn with_read(self, read: &ReadBody) -> Self {
        Self { bytes: read.bytes.clone(), ..self }
    }

    /// The whole body; empty when there is none. It is read on the first call, and goes on unchanged.
    ///
    /// # Errors
    /// 413 beyond the configuration's limit, 400 for a body that breaks off, 503 when too much is held already.
    pub async fn read_body(&mut self) -> Result<Bytes, GatewayError> {
        if let Some(bytes) = &self.bytes {
            return Ok(bytes.clone());
        }
        let body = std::mem::replace(&mut self.body, Body::Empty);
        let (bytes, body, held) = body::read_whole(body, &self.headers, self.limit, &self.budget).await?;
        (self.body, self.bytes, self.held) = (body, Some(bytes.clone()), held);
        Ok(bytes)
    }

    /// Whether there is a body, as far as that is known without reading it.
    pub fn has_body(&self) -> bool {
        !self.body.is_empty()
    }

    /// Bytes of a body that plugins may read, and what all bodies may have together.
    pub fn limits(&self) -> (usize, BodyBudget) {
        (self.limit, self.budget.clone())
    }

    /// Bytes of the body, as far as it tells them itself.
    pub fn length(&self) -> Option<u64> {
        let declared = || self.headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse::<u64>().ok();
        self.body.known_length().or_else(declared)
    }

    /// Whether the body says itself that it has more bytes than plugins may read.
    pub fn is_too_large(&self) -> bool {
        self.length().is_some_and(|length| length > self.limit as u64)
    }

    /// The body to send, once or more often: it is read whole for that.
    ///
    /// # Errors
    /// As [`Draft::read_body`].
    pub async fn replay(&mut self) -> Result<Replay, GatewayError> {
        let bytes = self.read_body().await?;
        Ok(Replay::new(bytes, self.take_body()))
    }

    /// What was read of the body, or put in its place; `None` for one that streams through.
    pub fn bytes(&self) -> Option<&Bytes> {
        self.bytes.as_ref()
    }

    /// Puts another body in the place of the caller's.
    pub fn set_body(&mut self, bytes: Bytes) {
        // What was true of the old bytes; the host tells the new length.
        self.headers.remove(CONTENT_LENGTH);
        self.headers.remove(CONTENT_ENCODING);
        self.body = Body::from(bytes.clone());
        self.bytes = Some(bytes);
    }

    /// The same request, to be changed on its own. Its body was read whole, and is `body`.
    #[must_use]
    pub fn copy(&self, body: &Replay) -> Self {
        Self {
            method: self.method.clone(),
            path: self.path.clone(),
            query: self.query.clone(),
            headers: self.headers.clone(),
            body: body.body(),
            bytes: self.bytes.clone(),
            limit: self.limit,
            budget: self.budget.clone(),
            held: None,
        }
    }

    /// What the bytes that were read count for in the budget.
    pub fn release(&mut self) -> Option<Held> {
        self.held.take()
    }

    /// The body to send, once.
    pub fn take_body(&mut self) -> Body {
        std::mem::replace(&mut self.body, Body::Empty)
    }
}
