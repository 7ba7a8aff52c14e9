//! Attempts at a request, until one of them is the answer.

use std::rc::Rc;

use http::Response;

use crate::error::{ErrorKind, GatewayError};
use crate::platform::{Body, ContainerCall};
use crate::plugin::{Call, Draft};
use crate::receive::Received;
use crate::retry::Ended;
use crate::service::Config;
use crate::telemetry::PendingEntry;
use crate::upstream::{Credential, Origins};

use super::super::attempt;
use super::super::installed::Installed;
use super::Forwardable;
use super::copies::Copies;
use super::request::Prepared;

impl Forwardable<'_> {
    /// Sends the request to one of a configuration's origins; where it has `retry`, again and elsewhere while that is worth it.
    ///
    /// # Errors
    /// 502 and 504 of the last attempt; what keeps the request from being sent; 413 for a body that is too large to be kept.
    pub(super) async fn forward(
        &self,
        installed: &Installed,
        received: &Received,
        mut draft: Draft,
        (config, origins, container): (&Config, &Origins, Option<Rc<ContainerCall>>),
        call: &Call<'_>,
        entry: &mut PendingEntry,
    ) -> Result<Response<Body>, GatewayError> {
        let platform = call.platform;
        let mut turns = origins.turns();
        let copies = Copies::keep(config.mirrors(), &mut draft, received.websocket, platform).await?;
        let Some(retry) = &config.retry else {
            if config.credential.as_ref().is_some_and(Credential::needs_body) {
                draft.read_body().await?;
            }
            let (bytes, _held, body) = (draft.bytes().cloned(), draft.release(), draft.take_body());
            let prepared = Prepared::new(self, config, installed, platform, received, draft, call.context)?;
            copies.send(&prepared, platform);
            let prepared = prepared.in_container(container);
            let outgoing = prepared.to(turns.next(platform.random.as_ref()), body, bytes)?;
            return Ok(attempt::exchange(installed, platform, config, outgoing, entry).await?);
        };
        let body = draft.replay().await.map_err(too_large_to_keep)?;
        let (bytes, _held) = (draft.bytes().cloned(), draft.release());
        let prepared = Prepared::new(self, config, installed, platform, received, draft, call.context)?;
        copies.send(&prepared, platform);
        let prepared = prepared.in_container(container);
        let mut attempts = retry.begin(platform.clock.now());
        loop {
            let outgoing = prepared.clone().to(turns.next(platform.random.as_ref()), body.body(), bytes.clone())?;
            let ended = attempt::exchange(installed, platform, config, outgoing, entry).await;
            let wait = match &ended {
                Ok(response) => Some(Ended::Answered(response.status(), response.headers())),
                Err(failed) => failed.cause.as_ref().map(Ended::Failed),
            };
            let wait = wait.and_then(|ended| attempts.next(&prepared.method, ended, platform.clock.now(), platform.random.as_ref()));
            let Some(wait) = wait else { return Ok(ended?) };
            // An answer that nobody reads gives its connection back before the wait.
            drop(ended);
            entry.repeated();
            platform.clock.sleep(wait).await;
        }
    }
}

/// Says why the body is kept at all.
pub(super) fn too_large_to_keep(error: GatewayError) -> GatewayError {
    if error.kind != ErrorKind::BodyTooLarge {
        return error;
    }
    let message = format!("{} It is kept, to be sent again if the upstream fails.", error.message);
    error.saying(message)
}
