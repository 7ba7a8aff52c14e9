//! A script's work on a request, and what comes of it.

use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Response, StatusCode};
use postern_lua::{Failure, Progress, Raise, Vm};

use super::host::{Ask, ScriptHost};
use super::{LIMITS, ON_REQUEST, ON_RESPONSE, RunScript, context, hook};
use crate::callout::{Callouts, Limits};
use crate::error::{ErrorKind, GatewayError};
use crate::platform::{Body, Timestamp};
use crate::plugin::content::ask_for_plain_body;
use crate::plugin::{Call, Draft, Flow};
use crate::upstream::sniff;

/// Where the bodies are that a script may ask for.
pub(super) enum Source<'b> {
    Request(&'b mut Draft),
    Response(&'b mut Body),
}

/// Time for a script's call-outs in one phase.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of a response's body that a script may read.
pub(super) const MAX_RESPONSE: usize = 4 << 20;

pub(super) async fn on_request(plugin: &RunScript, call: &Call<'_>, draft: &mut Draft) -> Result<Flow, GatewayError> {
    let callouts = call.callouts.with(&plugin.origins);
    let mut seed = [0; 16];
    call.platform.random.fill(&mut seed);
    let host = ScriptHost::new(call.scope.plugin.clone(), call.platform.log.clone(), draft);
    let mut vm = Vm::new(&plugin.script, &plugin.library.0, &LIMITS, seed, host);
    let deadline = call.now.plus(PATIENCE);
    let started = vm.start();
    drive(&mut vm, started, call, &callouts, deadline, Source::Request(draft)).await?;
    let ctx = context::table(vm.heap_mut(), call, &draft.headers).map_err(|raise| failed(call, &vm.failure(raise)))?;
    if !vm.global(ON_REQUEST).is_nil() {
        let called = vm.call(ON_REQUEST, &[ctx]);
        drive(&mut vm, called, call, &callouts, deadline, Source::Request(draft)).await?;
    }
    let host = vm.host_mut();
    if let Some(status) = host.exit {
        return Ok(Flow::Answer(answer(status, host)));
    }
    let request = &mut host.request;
    (draft.path, draft.query) = (request.path.clone(), request.query.clone());
    draft.headers = std::mem::take(&mut request.headers);
    if request.body_is_new {
        draft.set_body(request.body.take().unwrap_or_default());
    }
    if vm.global(ON_RESPONSE).is_nil() {
        return Ok(Flow::Continue);
    }
    if plugin.mentions("getResponseBody") {
        ask_for_plain_body(&mut draft.headers);
    }
    Ok(Flow::Watch(Box::new(hook::Waiting { vm, ctx, origins: plugin.origins.clone(), plugin: call.scope.plugin.clone() })))
}

/// Runs until the script has returned, and gives it what it waits for meanwhile.
pub(super) async fn drive(
    vm: &mut Vm<ScriptHost>,
    mut progress: Progress<Ask>,
    call: &Call<'_>,
    callouts: &Callouts<'_>,
    deadline: Timestamp,
    mut source: Source<'_>,
) -> Result<(), GatewayError> {
    loop {
        progress = match progress {
            Progress::Done(_) => return Ok(()),
            Progress::Failed(failure) => return Err(failed(call, &failure)),
            Progress::Yielded => vm.proceed(),
            Progress::Suspended(Ask::RequestBody) => {
                let bytes = match &mut source {
                    Source::Request(draft) => draft.read_body().await?,
                    Source::Response(_) => Bytes::new(),
                };
                vm.host_mut().request.body = Some(bytes.clone());
                vm.resume(|call| call.returns_string(&bytes))
            }
            Progress::Suspended(Ask::ResponseBody) => {
                let bytes = match &mut source {
                    Source::Response(body) => hook::read(body).await?,
                    Source::Request(_) => Bytes::new(),
                };
                if let Some(response) = &mut vm.host_mut().response {
                    response.body = Some(bytes.clone());
                }
                vm.resume(|call| call.returns_string(&bytes))
            }
            Progress::Suspended(Ask::Send(request)) => {
                let left = deadline.since(call.platform.clock.now());
                if left.is_zero() {
                    vm.resume(|_| Err(Raise::Fatal("the script's calls took more than 10 seconds".to_owned())))
                } else {
                    let limits = Limits { timeout: left.min(Limits::default().timeout), ..Limits::default() };
                    let sent = callouts.send(call.platform, *request, limits).await;
                    vm.resume(|call| super::library::http::answered(call, sent))
                }
            }
        };
    }
}

/// The script's own answer.
fn answer(status: StatusCode, host: &mut ScriptHost) -> Response<Body> {
    let body = host.response_body.take().unwrap_or_default();
    let mut headers = std::mem::take(&mut host.response_headers);
    // Answers of these statuses have no content (RFC 9110 §15.3.5, §15.3.6, §15.4.5).
    let is_empty = body.is_empty() || matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED);
    if !is_empty && !headers.contains_key(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, sniff(&body));
    }
    let mut response = Response::new(if is_empty { Body::Empty } else { Body::from(body) });
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

pub(super) fn failed(call: &Call<'_>, failure: &Failure) -> GatewayError {
    GatewayError::new(ErrorKind::Evaluation, format!("the script of the plugin {:?} failed: {failure}", call.scope.plugin))
}
