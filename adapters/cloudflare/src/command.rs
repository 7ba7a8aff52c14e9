//! What a task asks of the shim.

use std::fmt::Write;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use postern_core::platform::{Body, BoxBody, ContainerCall, ContainerStart, SendOptions};

use crate::headers;

/// One command: a kind, two numbers, lines of text and a payload. The shim's `commands.js` reads the same layout.
#[derive(Debug, Default)]
pub struct Command {
    pub kind: Kind,
    pub numbers: [u32; 2],
    pub text: String,
    pub bytes: Bytes,
}

/// The numbers are part of the ABI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u32)]
pub enum Kind {
    /// The task has ended, or `init` succeeded.
    #[default]
    Done = 0,
    /// The task cannot go on; the text says why.
    Failed = 1,
    /// Read the body `numbers[0]`, at most `numbers[1]` bytes.
    Read = 2,
    /// Send a request and hold the response as body `numbers[0]`; at most `numbers[1]` ms until its head (0: no limit), or until its end
    /// where it is read whole.
    Fetch = 3,
    KvGet = 4,
    /// Write the payload under the key; it may expire after `numbers[0]` seconds (0: never).
    KvPut = 5,
    KvDelete = 6,
    /// Lines: key, amount, expiry in ms since 1970.
    CounterIncrement = 7,
    CounterRemove = 8,
    SecretGet = 9,
    /// Count an attempt. Lines: series, ms of a span.
    CounterCount = 10,
    /// Wait for `numbers[0]` ms.
    Sleep = 11,
    /// Hold the response that is kept under the key as body `numbers[0]`.
    CacheGet = 12,
    /// Hold a copy of the response `numbers[0]` as body `numbers[1]`.
    CacheCopy = 13,
    /// Keep the body `numbers[0]`, or for 0 the payload, if it has at most `numbers[1]` bytes. Lines: key, seconds, head.
    CachePut = 14,
    /// As `Fetch`, of a container. Lines before those of `Fetch`: its id, the instance, and how it is started as JSON.
    Container = 15,
    /// Read the next piece of the body `numbers[0]`, in at most `numbers[1]` ms (0: no limit).
    Next = 16,
    /// Answer the client with status `numbers[0]`. This and what follows is not for the shim to answer.
    Respond = 17,
    /// The next piece of a streamed body.
    Chunk = 18,
}

impl Command {
    pub fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), ..Self::default() }
    }

    pub fn with(mut self, first: u32, second: u32) -> Self {
        self.numbers = [first, second];
        self
    }

    pub fn payload(mut self, bytes: Bytes) -> Self {
        self.bytes = bytes;
        self
    }

    /// Lines: method, URL, how many bytes of the response to read at once (`-`: none), body, headers against those of the client's
    /// request.
    pub fn fetch(handle: u32, request: Request<BodyRef>, options: &SendOptions, client: Option<&HeaderMap>) -> Self {
        let (head, body) = request.into_parts();
        let whole = options.whole.map_or_else(|| "-".to_owned(), |limit| limit.to_string());
        let (kind, mut text) = match &options.container {
            Some(container) => (Kind::Container, container_lines(container)),
            None => (Kind::Fetch, String::new()),
        };
        // Writing to a String cannot fail.
        let _ = write!(text, "{}\n{}\n{whole}\n", head.method, head.uri);
        let bytes = body.write(&mut text);
        match client {
            Some(original) => headers::write(&mut text, original, &head.headers),
            None => headers::write_all(&mut text, &head.headers),
        }
        Self::new(kind, text).with(handle, milliseconds(options.head_timeout(None))).payload(bytes)
    }

    /// Lines: body, headers. A held response is answered with as it is where nothing of it changes, so `upstream` is its head.
    pub fn respond(response: Response<BodyRef>, upstream: Option<&HeaderMap>) -> Self {
        let (head, body) = response.into_parts();
        let mut text = String::new();
        let bytes = body.write(&mut text);
        match upstream {
            Some(original) => headers::write_edits(&mut text, original, &head.headers),
            None => headers::write_all(&mut text, &head.headers),
        }
        Self::new(Kind::Respond, text).with(u32::from(head.status.as_u16()), 0).payload(bytes)
    }
}

/// A limit of time as commands have it: 0 for none.
pub fn milliseconds(limit: Option<Duration>) -> u32 {
    limit.map_or(0, |limit| u32::try_from(limit.as_millis()).unwrap_or(u32::MAX).max(1))
}

/// JSON has no line ends of its own.
fn container_lines(container: &ContainerCall) -> String {
    let ContainerStart { entrypoint, env, ready_path } = &container.start;
    let env: serde_json::Map<String, serde_json::Value> = env.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let start = serde_json::json!({ "port": container.port, "entrypoint": entrypoint, "env": env, "readyPath": ready_path });
    format!("{}\n{}\n{start}\n", container.id, container.instance)
}

/// A body as the shim is told of it.
#[derive(Debug)]
pub enum BodyRef {
    Empty,
    Bytes(Bytes),
    /// A body that the shim holds: 0 is the client's, the others are those of responses. With the payload, which ends a response whose
    /// body breaks off.
    Held(u32, Bytes),
    /// A task that makes the body piece by piece.
    Task(u32),
}

impl BodyRef {
    /// `stream` makes a task of a streamed body and returns its number.
    pub fn of(body: Body, stream: impl FnOnce(BoxBody) -> u32) -> Self {
        match body {
            Body::Empty => Self::Empty,
            Body::Bytes(bytes) => Self::Bytes(bytes),
            Body::Opaque(opaque) => match u32::try_from(opaque.handle()) {
                Ok(handle) => Self::Held(handle, opaque.last_words().unwrap_or_default()),
                Err(_) => Self::Empty,
            },
            Body::Stream(frames) => Self::Task(stream(frames)),
        }
    }

    fn write(self, text: &mut String) -> Bytes {
        // Writing to a String cannot fail.
        let _ = match &self {
            Self::Empty => writeln!(text, "-"),
            Self::Bytes(_) => writeln!(text, "b"),
            Self::Held(handle, _) => writeln!(text, "h{handle}"),
            Self::Task(task) => writeln!(text, "t{task}"),
        };
        match self {
            Self::Bytes(bytes) | Self::Held(_, bytes) => bytes,
            Self::Empty | Self::Task(_) => Bytes::new(),
        }
    }
}
