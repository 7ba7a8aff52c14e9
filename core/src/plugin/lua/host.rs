use std::rc::Rc;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use postern_lua::Host;
use regex_lite::Regex;

use crate::platform::LogSink;
use crate::plugin::Draft;
use crate::receive::CleanPath;

/// What a script works on. It is a copy: nothing of it holds before the script has ended well.
pub struct ScriptHost {
    pub plugin: String,
    pub log: Rc<dyn LogSink>,
    /// Lines that may still be printed.
    pub lines: u32,
    pub request: ScriptRequest,
    /// Headers for an answer of the script's own, or of the response when there is one.
    pub response_headers: HeaderMap,
    /// The answer's body, or what takes the place of the response's.
    pub response_body: Option<Bytes>,
    /// There is a response, so requests can no longer be changed.
    pub response: Option<ScriptResponse>,
    /// The status of the script's own answer.
    pub exit: Option<StatusCode>,
    pub clients: Vec<Client>,
    pub calls: Vec<Outgoing>,
    pub answers: Vec<Response<Bytes>>,
    pub patterns: Vec<Regex>,
}

/// The request, as the script leaves it.
pub struct ScriptRequest {
    pub path: CleanPath,
    pub query: Option<String>,
    pub headers: HeaderMap,
    /// What was read of the body, or put in its place.
    pub body: Option<Bytes>,
    pub body_is_new: bool,
}

/// The response, as the script leaves it.
pub struct ScriptResponse {
    pub status: StatusCode,
    /// A stream is never read, and its body cannot be replaced.
    pub is_stream: bool,
    pub body: Option<Bytes>,
}

/// An HTTP client of the script's.
#[derive(Clone, Default)]
pub struct Client {
    pub base: String,
    pub headers: HeaderMap,
}

/// A request that the script prepares.
pub struct Outgoing {
    pub client: Client,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// What a script waits for.
#[derive(Debug)]
pub enum Ask {
    /// The body of the request.
    RequestBody,
    /// The body of the response.
    ResponseBody,
    /// The response to a call-out.
    Send(Box<Request<Bytes>>),
}

/// Lines that one run may print, and the characters of a line that are kept.
const MAX_LINES: u32 = 64;
const MAX_LINE: usize = 1024;

impl ScriptHost {
    pub fn new(plugin: String, log: Rc<dyn LogSink>, draft: &Draft) -> Self {
        let request = ScriptRequest {
            path: draft.path.clone(),
            query: draft.query.clone(),
            headers: draft.headers.clone(),
            body: draft.bytes().cloned(),
            body_is_new: false,
        };
        Self {
            plugin,
            log,
            lines: MAX_LINES,
            request,
            response_headers: HeaderMap::new(),
            response_body: None,
            response: None,
            exit: None,
            clients: Vec::new(),
            calls: Vec::new(),
            answers: Vec::new(),
            patterns: Vec::new(),
        }
    }
}

impl ScriptHost {
    /// Writes a line to the log, in the plugin's name.
    pub fn note(&self, message: &str) {
        let entry = serde_json::json!({"kind": "ComponentLog", "level": "warning", "plugin": self.plugin, "message": message});
        self.log.write(&entry.to_string());
    }
}

impl Host for ScriptHost {
    type Request = Ask;

    fn print(&mut self, line: &[u8]) {
        let Some(left) = self.lines.checked_sub(1) else { return };
        self.lines = left;
        let text: String = String::from_utf8_lossy(line).chars().take(MAX_LINE).collect();
        let entry = serde_json::json!({"kind": "ComponentLog", "level": "debug", "plugin": self.plugin, "message": text});
        self.log.write(&entry.to_string());
    }
}
