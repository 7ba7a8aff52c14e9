use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What must be seen. What is absent here is not looked at.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Expect {
    /// A status, or a list of which it must be one.
    #[serde(default)]
    pub status: Option<StatusExpect>,
    /// Of copies: how many had which status.
    #[serde(default)]
    pub statuses: Option<BTreeMap<u16, usize>>,
    /// By name: a value, null for absent, a list for all values in order, or `{matches: …}`.
    #[serde(default)]
    pub headers: BTreeMap<String, Option<HeaderExpect>>,
    #[serde(default)]
    pub body: Option<BodyExpect>,
    /// An error of the gateway's own in this shape, with everything that goes with it.
    #[serde(default)]
    pub error: Option<ErrorShape>,
    /// The body as it arrives, step by step.
    #[serde(default)]
    pub stream: Vec<StreamStep>,
    /// The texts that came over a WebSocket.
    #[serde(default)]
    pub messages: Option<Vec<String>>,
    /// Trailers by name.
    #[serde(default)]
    pub trailers: BTreeMap<String, Option<HeaderExpect>>,
    /// Interim responses before the final one, in order.
    #[serde(default)]
    pub informational: Option<Vec<u16>>,
    /// Whether the body broke off before its end.
    #[serde(default)]
    pub broken: Option<bool>,
    /// The one request that the upstream received during this step.
    #[serde(default)]
    pub upstream: Option<UpstreamExpect>,
    /// What all upstreams received during this step: every request, in order of arrival.
    #[serde(default)]
    pub received: Option<Vec<UpstreamExpect>>,
    /// How many requests the upstreams received during this step.
    #[serde(default)]
    pub upstream_calls: Option<UpstreamCalls>,
    /// A part of the access-log entry of this request.
    #[serde(default)]
    pub log: Option<Value>,
    /// Texts that no log line of this request may contain.
    #[serde(default)]
    pub log_without: Vec<String>,
}

/// What the status must be.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged, expecting = "a status code, or a list of them")]
pub enum StatusExpect {
    Exact(u16),
    /// For refusals that some hosts make themselves, before the gateway sees the request.
    OneOf(Vec<u16>),
}

/// What a header must be.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged, expecting = "a value, a list of values, or {matches: …}")]
pub enum HeaderExpect {
    Exact(String),
    All(Vec<String>),
    Pattern(Pattern),
}

/// A regular expression that must be found in the value.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pattern {
    pub matches: String,
}

/// What a body must be: exactly one of the keys.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum BodyExpect {
    Text(String),
    Base64(String),
    /// Objects may have more keys; lists are compared whole. The text `${any}` stands for any value.
    Json(Value),
    Matches(String),
    Size(usize),
    Empty(bool),
    /// Byte for byte what the request carried.
    SameAsRequest(bool),
}

/// Shapes of errors. None of them may be stored, or taken for another type (`X-Content-Type-Options`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ErrorShape {
    /// `{"error":{"message","type","param","code"}}` as JSON, with `x-request-id` and `x-should-retry`.
    OpenAi,
    /// RFC 6749 §5.2: `{"error": …}` as JSON.
    OAuth,
}

/// A step of reading a streamed body: exactly one of the keys.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum StreamStep {
    /// These bytes come next, however they are cut.
    Text(String),
    /// Opens a gate.
    Open(String),
}

/// How many requests the upstreams received: all together, or by name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged, expecting = "a number, or numbers by the upstream's name")]
pub enum UpstreamCalls {
    All(usize),
    ByName(BTreeMap<String, usize>),
}

/// A request that an upstream received.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpstreamExpect {
    /// Which upstream. May be left out while there is only one, and in `received`.
    #[serde(default)]
    pub name: Option<String>,
    /// How many requests it received; each must meet what follows. Default 1.
    #[serde(default)]
    pub calls: Option<usize>,
    #[serde(default)]
    pub method: Option<String>,
    /// Path and query as received.
    #[serde(default)]
    pub path: Option<String>,
    #[serde(default)]
    pub headers: BTreeMap<String, Option<HeaderExpect>>,
    #[serde(default)]
    pub body: Option<BodyExpect>,
    #[serde(default)]
    pub trailers: BTreeMap<String, Option<HeaderExpect>>,
    /// The secret access key whose signature (AWS Signature Version 4) is valid for the request as it arrived.
    #[serde(default)]
    pub signed_by: Option<String>,
    /// Whether the call was given up before its end.
    #[serde(default)]
    pub cancelled: Option<bool>,
}

impl StatusExpect {
    pub fn admits(&self, status: u16) -> bool {
        match self {
            StatusExpect::Exact(expected) => *expected == status,
            StatusExpect::OneOf(list) => list.contains(&status),
        }
    }
}
