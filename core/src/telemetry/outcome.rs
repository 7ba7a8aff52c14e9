use super::entry::{ErrorFacts, RequestFacts, ResponseFacts, ServiceFacts};
use crate::events::is_event_stream;
use crate::platform::Timestamp;

/// How a request ended, as its span and the metrics tell it.
pub struct Outcome<'a> {
    pub started: Timestamp,
    pub ended: Timestamp,
    pub first_byte: Option<Timestamp>,
    pub service: Option<&'a ServiceFacts>,
    /// As in the access log, such as `HTTP11`.
    pub version: &'static str,
    pub allowed: bool,
    /// Such as `POLICY_MATCH`.
    pub reason: Option<&'static str>,
    /// It is known who called.
    pub authenticated: bool,
    pub error: Option<&'a ErrorFacts>,
    pub request: &'a RequestFacts,
    pub response: &'a ResponseFacts,
}

impl Outcome<'_> {
    /// The method, or `_OTHER` for one that callers could invent.
    pub fn method(&self) -> &'static str {
        known_method(&self.request.method)
    }

    pub fn scheme(&self) -> &'static str {
        if self.request.scheme == "https" { "https" } else { "http" }
    }

    /// Version as `network.protocol.version` has it.
    pub fn protocol_version(&self) -> &'static str {
        match self.version {
            "HTTP10" => "1.0",
            "HTTP2" => "2",
            "HTTP3" => "3",
            _ => "1.1",
        }
    }

    /// Server-sent events.
    pub fn is_stream(&self) -> bool {
        self.response.content_type.as_deref().is_some_and(is_event_stream)
    }

    /// `error.type`: the gateway's name for what went wrong, else the status. Only of what is no fault of the caller's.
    pub fn error_type(&self) -> Option<String> {
        let code = self.response.code;
        (code >= 500).then(|| self.error.map_or_else(|| code.to_string(), |error| error.kind.to_owned()))
    }
}

/// The methods of RFC 9110 and PATCH, as HTTP's semantic conventions want it.
pub fn known_method(method: &str) -> &'static str {
    const KNOWN: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
    KNOWN.into_iter().find(|known| *known == method).unwrap_or("_OTHER")
}
