//! A script that waits for the response.

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, ETAG};
use http::{Method, Response};
use postern_lua::{Value, Vm};

use super::ON_RESPONSE;
use super::host::{ScriptHost, ScriptResponse};
use super::run::{MAX_RESPONSE, Source, drive};
use crate::callout::Origins;
use crate::error::{ErrorKind, GatewayError};
use crate::platform::{Body, BodyError, LocalBoxFuture, has_no_body};
use crate::plugin::content::is_endless;
use crate::plugin::{Call, ResponseHook};

pub(super) struct Waiting {
    pub vm: Vm<ScriptHost>,
    /// The table that `onRequest` had.
    pub ctx: Value,
    pub origins: Origins,
    pub plugin: String,
}

/// Time for the call-outs of this phase.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

impl ResponseHook for Waiting {
    fn on_response<'a>(
        self: Box<Self>,
        call: &'a Call<'a>,
        response: Response<Body>,
    ) -> LocalBoxFuture<'a, Result<Response<Body>, GatewayError>> {
        Box::pin(async move {
            let Self { mut vm, ctx, origins, plugin } = *self;
            let (mut head, mut body) = response.into_parts();
            let host = vm.host_mut();
            host.response_headers = std::mem::take(&mut head.headers);
            host.response_body = None;
            host.response = Some(ScriptResponse { status: head.status, is_stream: is_endless(&host.response_headers), body: None });
            let callouts = call.callouts.with(&origins);
            let deadline = call.platform.clock.now().plus(PATIENCE);
            let called = vm.call(ON_RESPONSE, &[ctx]);
            let scope = crate::plugin::Scope { plugin, ..call.scope.clone() };
            let call = Call { scope, callouts: callouts.clone(), principal: call.principal.clone(), ..*call };
            // Whatever its length says (RFC 9110 §9.3.2).
            let has_none = call.context.request.method == Method::HEAD || has_no_body(head.status);
            let mut none = Body::Empty;
            let readable = if has_none { &mut none } else { &mut body };
            drive(&mut vm, called, &call, &callouts, deadline, Source::Response(readable)).await?;
            let mut host = vm.into_host();
            let Some(response) = host.response.take() else { return Ok(Response::from_parts(head, body)) };
            head.status = response.status;
            head.headers = host.response_headers;
            if let Some(bytes) = host.response_body.filter(|_| !response.is_stream) {
                // What was true of the old bytes; the host tells the new length.
                for name in [CONTENT_LENGTH, CONTENT_ENCODING, ETAG] {
                    head.headers.remove(name);
                }
                body = Body::from(bytes);
            }
            if has_no_body(head.status) {
                head.headers.remove(CONTENT_LENGTH);
                body = Body::Empty;
            }
            Ok(Response::from_parts(head, body))
        })
    }
}

/// Reads the response's body, which goes on as it was.
///
/// # Errors
/// 502 for one that breaks off, or that is too long for a script.
pub(super) async fn read(body: &mut Body) -> Result<Bytes, GatewayError> {
    let whole = std::mem::replace(body, Body::Empty);
    let (bytes, unread) = whole.buffer(MAX_RESPONSE).await.map_err(|error| match error {
        BodyError::TooLarge { limit } => {
            GatewayError::new(ErrorKind::UpstreamBroken, format!("the response has more than the {limit} bytes that a script may read"))
        }
        BodyError::Broken(why) => GatewayError::new(ErrorKind::UpstreamBroken, why),
        BodyError::Timeout(why) => GatewayError::new(ErrorKind::UpstreamTimeout, why),
    })?;
    *body = unread;
    Ok(bytes)
}
