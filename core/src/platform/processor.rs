//! What an external processor is asked and what it answers: the messages of `envoy.service.ext_proc.v3`, as far as they are used here.
//! The transport is the host's, or HTTP.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use serde_json::Value;

use super::{HttpError, LocalBoxFuture};

/// gRPC to external processors, for hosts with [`super::Capability::Grpc`].
pub trait ProcessorClient {
    /// A stream of `ExternalProcessor.Process` at an origin, HTTP/2 with prior knowledge or over TLS as its scheme says. It is opened by
    /// its first message.
    fn open(&self, origin: Uri) -> Box<dyn ProcessorStream>;
}

/// A conversation with a processor about one request. Dropping it cancels the stream.
pub trait ProcessorStream {
    /// Sends a message and waits for the answer, which has at most `limit` bytes.
    ///
    /// # Errors
    /// When there is no answer in time, or none that can be read.
    fn exchange(
        &mut self,
        request: ProcessingRequest,
        options: ExchangeOptions,
    ) -> LocalBoxFuture<'_, Result<ProcessingResponse, HttpError>>;

    /// Nothing more will be said.
    fn finish(self: Box<Self>);
}

/// How much one exchange may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExchangeOptions {
    pub timeout: Duration,
    /// Bytes of the answer.
    pub limit: usize,
}

/// `ProcessingRequest`.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcessingRequest {
    pub step: Step,
    pub content: Content,
    /// Nothing of the message follows.
    pub end_of_stream: bool,
    /// A JSON object, told as `metadata_context.filter_metadata["ctx"]`.
    pub context: Rc<Value>,
}

/// What a message is about. Its answer has to be about the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    RequestHeaders,
    RequestBody,
    ResponseHeaders,
    ResponseBody,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Header lines, pseudo-headers first. Names are in lower case.
    Headers(Vec<(String, Bytes)>),
    Body(Bytes),
}

/// `ProcessingResponse`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProcessingResponse {
    Common(Step, CommonResponse),
    Immediate(ImmediateResponse),
}

/// Changes to the message, which goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommonResponse {
    /// `CONTINUE_AND_REPLACE`: to headers, the body is replaced, and nothing more is asked about the message.
    pub replace: bool,
    pub headers: HeaderMutation,
    /// The new body; empty for `clear_body`.
    pub body: Option<Bytes>,
}

/// Removals come first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderMutation {
    pub remove: Vec<String>,
    pub set: Vec<SetHeader>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetHeader {
    pub name: String,
    pub value: Bytes,
    pub append: Append,
}

/// What becomes of lines of the same name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Append {
    /// Also when the processor says nothing.
    #[default]
    Overwrite,
    Append,
    AddIfAbsent,
    OverwriteIfExists,
}

/// An answer in the upstream's place, or in the place of its answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImmediateResponse {
    /// Absent or 0: 403.
    pub status: Option<u32>,
    pub headers: HeaderMutation,
    pub body: Bytes,
}
