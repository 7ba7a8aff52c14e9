//! Fake upstreams: they answer by a script and keep what they received. Hosts that speak HTTP over sockets reach them through a
//! server; the host in memory calls them directly, so both see the same replies.

mod body;
mod client;
mod gate;
mod record;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http_body::Body as _;
use http_body_util::BodyExt;

use crate::format::{Connection, Reply};
use crate::lines::split_header;
pub use body::ReplyBody;
pub use client::DirectClient;
pub use gate::Gates;
pub use record::{Received, Recorder, Slot};

/// The upstreams of one case.
pub struct Upstreams {
    scripts: RefCell<BTreeMap<String, Reply>>,
    counts: RefCell<BTreeMap<String, usize>>,
    pub gates: Rc<Gates>,
    pub recorder: Rc<Recorder>,
}

/// Why there is no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoReply {
    /// Nothing listens there.
    Refused,
    /// The connection closes without a response.
    Closed,
}

impl Upstreams {
    pub fn new(scripts: BTreeMap<String, Reply>) -> Self {
        Self { scripts: RefCell::new(scripts), counts: RefCell::default(), gates: Rc::default(), recorder: Rc::default() }
    }

    pub fn names(&self) -> Vec<String> {
        self.scripts.borrow().keys().cloned().collect()
    }

    /// Whether nothing listens for the upstream.
    pub fn is_refused(&self, name: &str) -> bool {
        self.scripts.borrow().get(name).is_some_and(|script| script.connection == Connection::Refused)
    }

    /// Whether the upstream's next reply is bytes on the wire that need not be one.
    pub fn is_raw_next(&self, name: &str) -> bool {
        let count = self.counts.borrow().get(name).copied().unwrap_or_default();
        self.scripts.borrow().get(name).is_some_and(|script| script.after(count).raw.is_some())
    }

    /// Whether the upstream accepts WebSockets.
    pub fn is_web_socket(&self, name: &str) -> bool {
        self.scripts.borrow().get(name).is_some_and(|script| script.web_socket)
    }

    /// Replaces every script by what `change` makes of it.
    ///
    /// # Errors
    /// The first of `change`.
    pub fn rewrite(&self, change: impl Fn(&Reply) -> Result<Reply, String>) -> Result<(), String> {
        self.scripts.borrow_mut().values_mut().try_for_each(|script| change(script).map(|changed| *script = changed))
    }

    /// Reads a request to its end, and answers it. Dropping the future is the caller going away.
    ///
    /// # Errors
    /// [`NoReply`] when the script says so.
    pub async fn answer<B>(&self, name: &str, request: http::Request<B>) -> Result<http::Response<ReplyBody>, NoReply>
    where
        B: http_body::Body<Data = Bytes> + Unpin,
        B::Error: std::fmt::Display,
    {
        let reply = self.next_reply(name);
        if reply.connection == Connection::Refused {
            return Err(NoReply::Refused);
        }
        let (head, body) = request.into_parts();
        let slot = self.recorder.begin(name, &head);
        slot.begin_body();
        self.read(&slot, body, &reply).await;
        let body = slot.end_body();
        match reply.connection {
            Connection::Silent => std::future::pending().await,
            Connection::Closed => {
                slot.finish();
                Err(NoReply::Closed)
            }
            Connection::Normal | Connection::Refused => Ok(respond(&reply, &head, body, slot, self.gates.clone())),
        }
    }

    /// The reply to the next request of an upstream; counts the request.
    pub fn next_reply(&self, name: &str) -> Reply {
        let scripts = self.scripts.borrow();
        let Some(script) = scripts.get(name) else { return Reply::default() };
        let mut counts = self.counts.borrow_mut();
        let count = counts.entry(name.to_owned()).or_insert(0);
        let reply = script.after(*count).clone();
        *count += 1;
        reply
    }

    async fn read<B>(&self, slot: &record::Slot, mut body: B, reply: &Reply)
    where
        B: http_body::Body<Data = Bytes> + Unpin,
        B::Error: std::fmt::Display,
    {
        if body.is_end_stream() {
            return;
        }
        while let Some(frame) = body.frame().await {
            let length = match frame.map(http_body::Frame::into_data) {
                Ok(Ok(data)) => slot.read(&data),
                Ok(Err(other)) => {
                    if let Ok(trailers) = other.into_trailers() {
                        slot.trailers(&trailers);
                    }
                    continue;
                }
                Err(error) => {
                    slot.broken(&error.to_string());
                    break;
                }
            };
            if let Some(opens) = &reply.opens
                && length >= opens.after_bytes
            {
                self.gates.open(&opens.gate);
            }
        }
    }
}

fn respond(reply: &Reply, request: &Parts, body: Bytes, slot: record::Slot, gates: Rc<Gates>) -> http::Response<ReplyBody> {
    let (mut content_type, body) = body::of(reply, body, slot, gates);
    if reply.echo {
        content_type = request.headers.get(CONTENT_TYPE).cloned();
    }
    let length = body.size_hint().exact();
    let mut response = http::Response::new(if request.method == http::Method::HEAD { body.without_bytes() } else { body });
    *response.status_mut() = reply.status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or_default();
    let may_have_length = !matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let headers = response.headers_mut();
    for line in &reply.headers {
        let (name, value) = split_header(line);
        if let (Ok(name), Ok(value)) = (http::HeaderName::try_from(name), http::HeaderValue::from_bytes(value.as_bytes())) {
            headers.append(name, value);
        }
    }
    if let Some(content_type) = content_type {
        headers.entry(CONTENT_TYPE).or_insert(content_type);
    }
    // A server says this by itself; upstreams that are called directly must not differ.
    if let Some(length) = length.filter(|_| may_have_length) {
        headers.entry(CONTENT_LENGTH).or_insert(length.into());
    }
    response
}
