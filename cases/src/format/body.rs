use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a request carries: exactly one of the keys.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum RequestBody {
    /// As written.
    Text(String),
    /// Compact JSON; `content-type: application/json` unless the headers name one.
    Json(Value),
    /// `application/x-www-form-urlencoded` text; sets that content type unless the headers name one.
    Form(String),
    Base64(String),
    /// A JSON object of that many bytes.
    JsonOfSize(usize),
    /// That many zero bytes.
    Size(usize),
    /// Sent piece by piece without a content length.
    Chunks(Vec<Chunk>),
}

/// A piece of a chunked request body: exactly one of the keys.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Chunk {
    Text(String),
    /// That many zero bytes.
    Size(usize),
    /// Waits until the gate of that name is open.
    Wait(String),
}
