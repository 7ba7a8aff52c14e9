//! The messages as JSON, as protobuf's JSON mapping has it: bytes as base64, enumerations by name or number, names of fields in either
//! spelling when read.

mod read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, json};

use crate::platform::processor::{Content, ProcessingRequest, Step};

pub use read::read;

/// A `ProcessingRequest`. Each header has its value both as text and as bytes: of the two, processors read one or the other.
pub fn write(request: &ProcessingRequest) -> Vec<u8> {
    let field = match request.step {
        Step::RequestHeaders => "requestHeaders",
        Step::RequestBody => "requestBody",
        Step::ResponseHeaders => "responseHeaders",
        Step::ResponseBody => "responseBody",
    };
    let mut message = Map::new();
    match &request.content {
        Content::Headers(lines) => {
            let header = |(name, value): &(String, Bytes)| json!({ "key": name, "value": String::from_utf8_lossy(value), "rawValue": STANDARD.encode(value) });
            message.insert("headers".to_owned(), json!({ "headers": lines.iter().map(header).collect::<Vec<_>>() }));
        }
        Content::Body(body) => {
            message.insert("body".to_owned(), STANDARD.encode(body).into());
        }
    }
    if request.end_of_stream {
        message.insert("endOfStream".to_owned(), true.into());
    }
    let whole = json!({ field: message, "metadataContext": { "filterMetadata": { "ctx": request.context.as_ref() } } });
    whole.to_string().into_bytes()
}

#[cfg(test)]
mod tests;
