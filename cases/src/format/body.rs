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
    /// The same again and again.
    Repeated(Repeated),
    /// Sent piece by piece without a content length.
    Chunks(Vec<Chunk>),
}

/// A text that is made of many like it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Repeated {
    #[serde(default)]
    pub start: String,
    /// `{n}` in it is the number of the repetition, from 0.
    pub text: String,
    pub times: usize,
    #[serde(default)]
    pub end: String,
}

impl Repeated {
    pub fn text(&self) -> String {
        let times = (0..self.times).map(|n| self.text.replace("{n}", &n.to_string()));
        format!("{}{}{}", self.start, times.collect::<String>(), self.end)
    }
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
