use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Repeated;

/// What a fake upstream does with a request. It reads the request to its end before it answers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reply {
    /// Default 200.
    #[serde(default)]
    pub status: Option<u16>,
    /// Header lines, as in `content-type: text/plain`; repeats stay repeats.
    #[serde(default)]
    pub headers: Vec<String>,
    #[serde(default)]
    pub text: Option<String>,
    /// JSON; sets the content type unless the headers name one.
    #[serde(default)]
    pub json: Option<Value>,
    #[serde(default)]
    pub base64: Option<String>,
    /// That many zero bytes.
    #[serde(default)]
    pub size: Option<usize>,
    /// The request's body and content type.
    #[serde(default)]
    pub echo: bool,
    /// A body without a known length, part by part.
    #[serde(default)]
    pub stream: Option<Vec<Part>>,
    /// Trailer lines after a stream.
    #[serde(default)]
    pub trailers: Vec<String>,
    /// Bytes to put on the wire instead of a reply; needs `socket`.
    #[serde(default)]
    pub raw: Option<Raw>,
    /// Accepts a WebSocket and sends every text back; needs `webSocket`.
    #[serde(default)]
    pub web_socket: bool,
    #[serde(default)]
    pub connection: Connection,
    /// Opens a gate when that many bytes of the request's body have arrived.
    #[serde(default)]
    pub opens: Option<OpensGate>,
    /// Replies to the requests after this one; the last repeats.
    #[serde(default)]
    pub then: Vec<Reply>,
}

impl Reply {
    /// What a request gets that so many came before; the last one of `then` goes on for ever.
    pub fn after(&self, count: usize) -> &Self {
        count.min(self.then.len()).checked_sub(1).and_then(|later| self.then.get(later)).unwrap_or(self)
    }
}

/// What goes on the wire: at once, or with waits between.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged, expecting = "the bytes as text, or a list of {text: …} and {wait: …}")]
pub enum Raw {
    Whole(String),
    Parts(Vec<RawPart>),
}

/// Exactly one of the keys.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum RawPart {
    Text(String),
    /// Waits until the gate of that name is open.
    Wait(String),
}

/// A gate that the arrival of a request's bytes opens.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpensGate {
    pub gate: String,
    pub after_bytes: usize,
}

/// A part of a streamed reply: exactly one of the keys.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Part {
    Text(String),
    Base64(String),
    /// The same again and again.
    Repeated(Repeated),
    /// A server-sent event.
    Event(SseEvent),
    /// Waits until the gate of that name is open.
    Wait(String),
    /// The connection breaks here.
    Cut(bool),
    /// This text again and again, until the reader goes away.
    Drip(String),
}

/// `event:` and `data:` lines; a string alone is the data.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged, expecting = "the event's data as text, {json: …}, or {event: …, data: …}")]
pub enum SseEvent {
    Data(String),
    Json { json: Value },
    Named { event: String, data: String },
}

/// What becomes of the connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Connection {
    #[default]
    Normal,
    /// Nothing listens there.
    Refused,
    /// The request is read and never answered.
    Silent,
    /// The request is read, and the connection closes.
    Closed,
}
