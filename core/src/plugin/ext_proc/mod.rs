//! `extProc`: a program of the operator's sees requests and responses, and changes or answers them. Whatever goes wrong with it ends the
//! request: it may have been the one that protects.

mod address;
mod conversation;
mod event;
mod http_service;
mod json;
mod mutation;
mod request;
mod response;

use std::rc::Rc;
use std::time::Duration;

use self::address::Address;
use self::conversation::Conversation;
use super::content::ask_for_plain_body;
use super::{Action, Call, Draft, Flow};
use crate::auth::holds_gateway_token;
use crate::error::{ErrorKind, GatewayError};
use crate::platform::processor::ProcessorStream;
use crate::platform::{LocalBoxFuture, Platform};
use crate::problem::Problems;
use crate::resource::service::{BodySendMode, ExtProcPlugin, HeaderSendMode, Phase, ProcessingMode};

pub use self::address::origin;
pub use self::http_service::HttpProcessor;

/// An `extProc` plugin, compiled.
#[derive(Debug)]
pub struct ExtProc(Rc<Settings>);

#[derive(Debug)]
struct Settings {
    address: Address,
    mode: Modes,
    /// For each answer.
    timeout: Duration,
    /// The caller's `Authorization` may still be the gateway's business.
    before_authentication: bool,
}

/// What the processor is told.
#[derive(Debug, Clone, Copy)]
struct Modes {
    request_headers: bool,
    request_body: bool,
    response_headers: bool,
    response_body: bool,
}

const DEFAULT_TIMEOUT: Duration = Duration::from_millis(800);
const MAX_TIMEOUT: Duration = Duration::from_secs(6);

/// Bytes of a body that are told, whatever the configuration lets rules read.
const MAX_BODY: usize = 32 << 20;

impl ExtProc {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &ExtProcPlugin, phase: Phase, problems: &mut Problems) -> Option<Self> {
        let address = Address::compile(source, problems);
        let mode = Modes::of(&source.processing_mode.clone().unwrap_or_default());
        if !(mode.request_headers || mode.request_body || mode.response_headers || mode.response_body) {
            problems.at("processingMode", |p| p.error("the program is told nothing: leave out one `SKIP`, or disable the plugin"));
        }
        let timeout = source.message_timeout.map_or(DEFAULT_TIMEOUT, crate::resource::Duration::to_std);
        if timeout.is_zero() || timeout > MAX_TIMEOUT {
            problems.at("messageTimeout", |p| p.error("this is 1 millisecond to 6 seconds"));
        }
        Some(Self(Rc::new(Settings { address: address?, mode, timeout, before_authentication: phase == Phase::PreAuth })))
    }
}

impl Modes {
    fn of(source: &ProcessingMode) -> Self {
        Self {
            request_headers: source.request_header_mode != HeaderSendMode::Skip,
            request_body: source.request_body_mode == BodySendMode::Buffered,
            response_headers: source.response_header_mode != HeaderSendMode::Skip,
            response_body: source.response_body_mode == BodySendMode::Buffered,
        }
    }
}

impl Settings {
    fn open(&self, platform: &Platform) -> Result<Box<dyn ProcessorStream>, GatewayError> {
        let impossible = |what| GatewayError::new(ErrorKind::NotImplemented, what);
        match &self.address {
            Address::Http(uri) => Ok(Box::new(HttpProcessor::new(platform.http.clone(), uri.clone()))),
            Address::Grpc(uri) => {
                let client = platform.processors.as_ref().ok_or_else(|| impossible("this host has no gRPC for external processors"))?;
                Ok(client.open(uri.clone()))
            }
            Address::Container => Err(impossible("`extProc.container` is not supported")),
        }
    }
}

impl Action for ExtProc {
    fn on_request<'a>(&'a self, call: &'a Call<'a>, draft: &'a mut Draft) -> LocalBoxFuture<'a, Result<Flow, GatewayError>> {
        Box::pin(async move {
            let settings = self.0.clone();
            if [Some(draft.path.as_str()), draft.query.as_deref()].into_iter().flatten().any(|part| holds_gateway_token(part.as_bytes())) {
                // As on the way to the upstream: cutting it out would change what is asked for.
                let error = GatewayError::new(ErrorKind::BadRequest, "a token of the gateway's in the URL");
                return Err(error.saying("The access token must not be in the URL: send it in a header."));
            }
            let told = event::told(&draft.headers, settings.before_authentication);
            let context = event::context(call.context, &told);
            let (limit, budget) = draft.limits();
            let stream = settings.open(call.platform)?;
            let mut conversation = Conversation::new(stream, settings.timeout, limit.min(MAX_BODY), context);
            if let Some(answer) = request::process(&mut conversation, settings.mode, (&call.context.request, &told), draft).await? {
                conversation.finish();
                return Ok(Flow::Answer(answer));
            }
            if settings.mode.response_headers || settings.mode.response_body {
                if settings.mode.response_body {
                    ask_for_plain_body(&mut draft.headers);
                }
                return Ok(Flow::Watch(Box::new(response::Watch { conversation, mode: settings.mode, budget })));
            }
            conversation.finish();
            Ok(Flow::Continue)
        })
    }
}
