use std::time::Duration;

use tokio::time::Instant;

use super::call::Prepared;
use super::observe::{self, Observed, PATIENCE};
use crate::format::{Abort, Request, StreamStep};
use crate::matching::Mismatches;
use crate::target::{Conversation, Instance};
use crate::upstream::Upstreams;

/// Between two looks at what another task or process does.
pub(super) const GLANCE: Duration = Duration::from_millis(5);

/// Sends one request and reads its response, unless the client goes away before there is one.
///
/// # Errors
/// There is no response, or one where there should be none.
pub(super) async fn exchange(
    instance: &dyn Instance,
    upstreams: &Upstreams,
    request: &Request,
    prepared: &Prepared,
    stream: &[StreamStep],
) -> Result<(Option<Observed>, Mismatches), String> {
    let mut out = Mismatches::default();
    let gates = &upstreams.gates;
    if let Some(texts) = &request.web_socket {
        let talking = instance.web_socket(prepared.call(gates), texts.clone());
        let conversation = tokio::time::timeout(PATIENCE, talking).await.map_err(|_| "the WebSocket fell silent".to_owned())??;
        let seen = match conversation {
            Conversation::Opened(messages) => Observed { status: 101, messages: Some(messages), ..Observed::default() },
            Conversation::Refused(answer) => observe::read(answer, stream, gates, &mut out).await,
        };
        return Ok((Some(seen), out));
    }
    let sending = match &request.raw {
        Some(raw) => instance.send_raw(raw.clone().into_bytes().into()),
        None => instance.send(prepared.call(gates)),
    };
    if request.abort == Some(Abort::BeforeResponse) {
        let calls = upstreams.recorder.len();
        let arrived = until(|| upstreams.recorder.len() > calls);
        return match futures::future::select(sending, std::pin::pin!(arrived)).await {
            futures::future::Either::Left(_) => Err("there was a response before the client could go away".into()),
            futures::future::Either::Right((true, _)) => Ok((None, out)),
            futures::future::Either::Right((false, _)) => Err("the upstream received no request".into()),
        };
    }
    let answer = tokio::time::timeout(PATIENCE, sending).await.map_err(|_| "no response".to_owned())??;
    let seen = match request.abort {
        Some(_) => observe::leave_in_mid_body(answer).await,
        None => observe::read(answer, stream, gates, &mut out).await,
    };
    Ok((Some(seen), out))
}

/// Waits for a condition. False when it did not come true.
pub(super) async fn until(condition: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        if Instant::now() > deadline {
            return false;
        }
        tokio::time::sleep(GLANCE).await;
    }
    true
}
