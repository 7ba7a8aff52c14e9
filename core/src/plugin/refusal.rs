use http::header::HeaderName;
use http::{HeaderMap, Response, StatusCode};

use crate::error::{GatewayError, Shape};
use crate::platform::Body;
use crate::problem::Problems;
use crate::resource::service::{InlineBody, KeyValue};
use crate::upstream::fixed::{FixedAnswer, compile_body, compile_headers, compile_status};

/// How a plugin refuses, as far as its configuration says.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    headers: HeaderMap,
    /// Instead of an error of the gateway's own.
    fixed: Option<FixedAnswer>,
}

impl Refusal {
    /// Compiles; every problem is reported at its place.
    pub fn compile(
        (status, default): (Option<u16>, StatusCode),
        body: Option<&InlineBody>,
        headers: &[KeyValue],
        problems: &mut Problems,
    ) -> Option<Self> {
        let status = compile_status(status, default, problems);
        let headers = compile_headers(headers, problems);
        let body = body.map(|body| problems.at("body", |problems| compile_body(body, problems)));
        let (status, body) = (status?, body.map_or(Some(None), |body| body.map(Some))?);
        let fixed = body.map(|body| FixedAnswer::new(status, headers.clone(), body));
        Some(Self { status, headers, fixed })
    }

    /// The configured body, or else the error's; the configured status and headers in any case. Whoever speaks gRPC finds a status only
    /// where gRPC has it, so that the configured one and the body say nothing there.
    pub fn response(&self, error: GatewayError, shape: Shape) -> Response<Body> {
        let is_grpc = shape == Shape::Grpc;
        if let Some(fixed) = self.fixed.as_ref().filter(|_| !is_grpc) {
            return fixed.response();
        }
        let mut response = error.shaped(shape).into_response();
        if !is_grpc {
            *response.status_mut() = self.status;
        }
        for name in self.headers.keys() {
            response.headers_mut().remove(name);
        }
        response.headers_mut().extend(self.headers.clone());
        response
    }

    /// Whether the configuration says this header itself.
    pub fn sets(&self, name: &HeaderName) -> bool {
        self.headers.contains_key(name)
    }
}
