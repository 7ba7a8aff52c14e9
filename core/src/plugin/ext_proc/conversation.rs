use std::rc::Rc;
use std::time::Duration;

use http::Response;
use serde_json::Value;

use super::mutation;
use crate::error::{ErrorKind, GatewayError, Retry};
use crate::platform::processor::{CommonResponse, Content, ExchangeOptions, ProcessingRequest, ProcessingResponse, ProcessorStream, Step};
use crate::platform::{Body, HttpError};

/// What is said with a processor about one request.
pub struct Conversation {
    stream: Box<dyn ProcessorStream>,
    timeout: Duration,
    /// Bytes of a body, either way.
    limit: usize,
    context: Rc<Value>,
}

/// What a processor wants.
pub enum Reply {
    Continue(CommonResponse),
    Answer(Response<Body>),
}

/// Bytes of an answer besides its body.
const ANSWER: usize = 1 << 20;

impl Conversation {
    pub fn new(stream: Box<dyn ProcessorStream>, timeout: Duration, limit: usize, context: Value) -> Self {
        Self { stream, timeout, limit, context: Rc::new(context) }
    }

    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Tells the processor, and waits for what it says to it.
    ///
    /// # Errors
    /// 502 for anything but an answer to just that.
    pub async fn ask(&mut self, step: Step, content: Content, end_of_stream: bool) -> Result<Reply, GatewayError> {
        let request = ProcessingRequest { step, content, end_of_stream, context: self.context.clone() };
        // JSON has four characters for three bytes.
        let options = ExchangeOptions { timeout: self.timeout, limit: self.limit.saturating_add(self.limit / 3).saturating_add(ANSWER) };
        match self.stream.exchange(request, options).await.map_err(|error| unanswered(&error))? {
            ProcessingResponse::Common(about, response) if about == step => {
                if response.body.as_ref().is_some_and(|body| body.len() > self.limit) {
                    return Err(failed(format!("a body of more than {} bytes", self.limit)));
                }
                Ok(Reply::Continue(response))
            }
            ProcessingResponse::Common(about, _) => Err(failed(format!("an answer about {about:?} to {step:?}"))),
            ProcessingResponse::Immediate(response) => mutation::immediate(response).map(Reply::Answer).map_err(failed),
        }
    }

    /// Nothing more will be said.
    pub fn finish(self) {
        self.stream.finish();
    }
}

/// 502: the processor said what cannot be done.
pub fn failed(why: impl Into<String>) -> GatewayError {
    GatewayError::new(ErrorKind::Processor, why)
}

fn unanswered(error: &HttpError) -> GatewayError {
    let failure = failed(error.to_string());
    match error {
        HttpError::Connect(_) | HttpError::Lost(_) | HttpError::Timeout => GatewayError { retry: Retry::Soon, ..failure },
        _ => failure,
    }
}
