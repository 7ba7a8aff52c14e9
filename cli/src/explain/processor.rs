//! External processors, which let everything pass: nobody here knows what they would say.

use std::rc::Rc;

use http::Uri;
use http::uri::PathAndQuery;
use postern_core::platform::HttpClient;
use postern_core::platform::processor::{ProcessorClient, ProcessorStream};
use postern_core::plugin::HttpProcessor;
use serde_json::{Value, json};

/// Shows what would be said over gRPC as the JSON of the same messages.
pub(super) struct Processors(pub Rc<dyn HttpClient>);

const PROCESS: PathAndQuery = PathAndQuery::from_static("/envoy.service.ext_proc.v3.ExternalProcessor/Process");

impl ProcessorClient for Processors {
    fn open(&self, origin: Uri) -> Box<dyn ProcessorStream> {
        let mut parts = origin.clone().into_parts();
        parts.path_and_query = Some(PROCESS);
        Box::new(HttpProcessor::new(self.0.clone(), Uri::from_parts(parts).unwrap_or(origin)))
    }
}

/// The answer that changes nothing, if the body is a message to a processor.
pub(super) fn passing(body: &[u8]) -> Option<Value> {
    let message: Value = serde_json::from_slice(body).ok()?;
    message.get("metadataContext")?;
    let steps = ["requestHeaders", "requestBody", "responseHeaders", "responseBody"];
    steps.into_iter().find(|step| message.get(step).is_some()).map(|step| json!({ step: {} }))
}
