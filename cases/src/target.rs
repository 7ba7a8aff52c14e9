//! What a host must offer so that cases can run against it.

use std::any::Any;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use http_body::Frame;
use postern_core::platform::{LocalBoxFuture, Timestamp};
use postern_core::snapshot::Snapshot;

use crate::format::{Abilities, Outage};
use crate::upstream::Upstreams;

/// A kind of host.
pub trait Target {
    fn name(&self) -> &'static str;

    fn abilities(&self) -> Abilities;

    /// Makes the upstreams reachable for the host.
    fn expose(&self, upstreams: Rc<Upstreams>) -> LocalBoxFuture<'_, Result<Exposed, String>>;

    /// Starts a gateway. It answers when the future is done.
    ///
    /// # Errors
    /// Why the gateway did not start.
    fn start(&self, deployment: Deployment) -> LocalBoxFuture<'_, Result<Box<dyn Instance>, String>>;
}

/// Upstreams that can be reached until this is dropped.
pub struct Exposed {
    /// Base URL by name.
    pub urls: BTreeMap<String, String>,
    pub guard: Box<dyn Any>,
}

/// What a gateway is started with.
pub struct Deployment {
    pub snapshot: Snapshot,
    pub store: BTreeMap<String, Vec<u8>>,
    /// The platform's own secrets by their canonical names, `POSTERN_KEY` among them.
    pub secrets: BTreeMap<String, String>,
    pub region: Option<String>,
    pub upstreams: Rc<Upstreams>,
    /// Base URLs of the upstreams.
    pub urls: BTreeMap<String, String>,
    /// Real origins and the upstreams that answer in their place.
    pub connect: BTreeMap<String, String>,
    /// What does not work from the start. Only for a target that can do that.
    pub down: Vec<Outage>,
    /// What time it is at the start, where a case says so. Only for a target that can move its clock.
    pub clock: Option<Timestamp>,
    /// For how long what was read of the store may be used again. Zero, except for a target with [`Abilities::store_access`].
    pub reuse_for: Duration,
}

impl Deployment {
    /// Whether the counters do not answer.
    pub fn counters_down(&self) -> bool {
        self.down.contains(&Outage::Counters)
    }
}

/// Changes the entries of a store.
pub type StoreEdit<'a> = &'a mut dyn FnMut(&mut BTreeMap<String, Vec<u8>>) -> Result<(), String>;

/// A running gateway. Dropping it stops it.
pub trait Instance {
    /// Sends a request, and returns the head of the response. Dropping the future, or later the body, is the client going away.
    ///
    /// # Errors
    /// What became of the connection when there is no response.
    fn send(&self, call: Call) -> LocalBoxFuture<'_, Result<Answer, String>>;

    /// Puts bytes on the wire.
    ///
    /// # Errors
    /// As [`Instance::send`], and for a target without sockets.
    fn send_raw(&self, _bytes: Bytes) -> LocalBoxFuture<'_, Result<Answer, String>> {
        Box::pin(async { Err("this target has no socket".into()) })
    }

    /// Opens a WebSocket, sends texts, receives as many, and closes it.
    ///
    /// # Errors
    /// As [`Instance::send`], and for a target without WebSockets.
    fn web_socket(&self, _call: Call, _texts: Vec<String>) -> LocalBoxFuture<'_, Result<Conversation, String>> {
        Box::pin(async { Err("this target has no WebSockets".into()) })
    }

    /// Moves the clock forward.
    ///
    /// # Errors
    /// For a target whose clock cannot be moved.
    fn advance(&self, _by: Duration) -> Result<(), String> {
        Err("this target's clock cannot be moved".into())
    }

    /// Moves the clock back.
    ///
    /// # Errors
    /// As [`Instance::advance`].
    fn rewind(&self, _by: Duration) -> Result<(), String> {
        Err("this target's clock cannot be moved".into())
    }

    /// These do not work from here on, and all else does.
    ///
    /// # Errors
    /// For a target that cannot do that while it runs.
    fn set_down(&self, _outages: &[Outage]) -> Result<(), String> {
        Err("nothing of this target can be made to fail while it runs".into())
    }

    /// Changes the store while the gateway runs.
    ///
    /// # Errors
    /// Those of the change, and for a target whose store cannot be reached.
    fn edit_store(&self, _edit: StoreEdit<'_>) -> Result<(), String> {
        Err("this target's store cannot be reached while it runs".into())
    }

    /// Starts the gateway anew over the same store, with these secrets of the platform. What is under way ends on the one before.
    ///
    /// # Errors
    /// For a target that cannot do that.
    fn restart(&self, _secrets: &BTreeMap<String, String>) -> Result<(), String> {
        Err("this target is not started anew".into())
    }

    /// Where clients outside of this process reach the gateway; `None` where they cannot.
    fn url(&self) -> Option<String> {
        None
    }

    /// All log lines so far. Entries of requests that have just ended may still be missing.
    fn logs(&self) -> LocalBoxFuture<'_, Result<Vec<String>, String>>;
}

/// A request as a client sends it.
pub struct Call {
    pub method: String,
    /// The value of `Host`.
    pub host: String,
    /// Path and query as they go on the wire.
    pub target: String,
    /// In order, without `host` and framing.
    pub headers: Vec<(String, Bytes)>,
    pub body: CallBody,
    /// HTTP/2 with prior knowledge instead of HTTP/1.1.
    pub http2: bool,
}

/// What a request carries.
pub enum CallBody {
    /// Neither a body nor a content length.
    None,
    Whole(Bytes),
    /// Sent as it comes, without a content length.
    Chunks(Pin<Box<dyn Stream<Item = Result<Frame<Bytes>, Infallible>>>>),
}

/// A response as a client receives it.
pub struct Answer {
    pub status: u16,
    /// Names in lower case, in order.
    pub headers: Vec<(String, Bytes)>,
    /// Status codes of the interim responses before this one.
    pub informational: Vec<u16>,
    pub body: AnswerBody,
}

/// What became of a WebSocket.
pub enum Conversation {
    /// The texts that were received.
    Opened(Vec<String>),
    /// The answer that came instead.
    Refused(Answer),
}

/// Frames as they arrive. An error is a body that broke off.
pub type AnswerBody = Pin<Box<dyn Stream<Item = Result<Frame<Bytes>, String>>>>;
