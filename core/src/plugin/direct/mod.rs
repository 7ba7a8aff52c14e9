//! `direct`: answers in the upstream's place, the same each time.

use bytes::Bytes;
use http::StatusCode;

use super::{Action, Call, Draft, Flow};
use crate::error::GatewayError;
use crate::platform::LocalBoxFuture;
use crate::problem::Problems;
use crate::resource::service::DirectPlugin;
use crate::upstream::fixed::{FixedAnswer, compile_body, compile_headers, compile_status};

#[derive(Debug)]
pub struct AnswerDirectly(FixedAnswer);

impl AnswerDirectly {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &DirectPlugin, problems: &mut Problems) -> Option<Self> {
        let status = compile_status(source.status_code, StatusCode::OK, problems);
        let headers = compile_headers(&source.headers, problems);
        let body = match &source.body {
            Some(body) => problems.at("body", |problems| compile_body(body, problems)),
            None => Some(Bytes::new()),
        };
        Some(Self(FixedAnswer::new(status?, headers, body?)))
    }
}

impl Action for AnswerDirectly {
    fn on_request<'a>(&'a self, _: &'a Call<'a>, _: &'a mut Draft) -> LocalBoxFuture<'a, Result<Flow, GatewayError>> {
        Box::pin(async { Ok(Flow::Answer(self.0.response())) })
    }
}
