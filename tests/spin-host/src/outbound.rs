//! The component's way out.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::{Request, Response};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use hyper_util::client::legacy::{self, Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use wasmtime_wasi::TrappableError;
use wasmtime_wasi_http::p3::bindings::http::types::{DnsErrorPayload, ErrorCode};
use wasmtime_wasi_http::p3::{RequestOptions, WasiHttpHooks};

use crate::allowed_hosts::AllowedHosts;

/// Sends where the application may, from one pool of connections.
#[derive(Clone)]
pub struct Outbound {
    allowed: Arc<AllowedHosts>,
    client: Client<HttpConnector, Body>,
}

type Body = UnsyncBoxBody<Bytes, ErrorCode>;
type Io = Box<dyn Future<Output = Result<(), ErrorCode>> + Send>;
type Sent = Result<(Response<Body>, Io), TrappableError<ErrorCode>>;

impl Outbound {
    pub fn new(allowed: AllowedHosts) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self { allowed: Arc::new(allowed), client: Client::builder(TokioExecutor::new()).build(connector) }
    }

    async fn send(self, mut request: Request<Body>, options: RequestOptions) -> Result<Response<Body>, ErrorCode> {
        if !self.allowed.allow(request.uri()) {
            return Err(ErrorCode::HttpRequestDenied);
        }
        if request.uri().scheme_str() != Some("http") {
            return Err(ErrorCode::TlsProtocolError);
        }
        // The client writes it anew from the URI.
        request.headers_mut().remove(HOST);
        let timeout = options.first_byte_timeout.unwrap_or(Duration::from_secs(600));
        let response = tokio::time::timeout(timeout, self.client.request(request)).await;
        let response = response.map_err(|_| ErrorCode::ConnectionReadTimeout)?.map_err(|error| error_code(&error))?;
        Ok(response.map(|body| body.map_err(|_| ErrorCode::HttpProtocolError).boxed_unsync()))
    }
}

impl WasiHttpHooks for Outbound {
    fn send_request(
        &mut self,
        request: Request<Body>,
        options: Option<RequestOptions>,
        _result: Io,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let sent = self.clone().send(request, options.unwrap_or_default());
        Box::new(async { Ok((sent.await?, Box::new(async { Ok(()) }) as Io)) })
    }
}

fn error_code(error: &legacy::Error) -> ErrorCode {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(code) = error.downcast_ref::<ErrorCode>() {
            return code.clone();
        }
        if error.to_string().contains("dns error") {
            return ErrorCode::DnsError(DnsErrorPayload { rcode: Some("address not available".into()), info_code: Some(0) });
        }
        cause = error.source();
    }
    if error.is_connect() { ErrorCode::ConnectionRefused } else { ErrorCode::HttpProtocolError }
}
