//! `upstream.pools`: one configuration after the other, until one of them answers.

use http::{Response, StatusCode};

use crate::error::{ErrorKind, GatewayError};
use crate::explain::Step;
use crate::platform::Body;
use crate::plugin::{Call, Draft};
use crate::receive::Received;
use crate::telemetry::PendingEntry;
use crate::upstream::Pools;

use super::super::installed::Installed;
use super::Forwardable;
use super::adapt::remove_authorization;
use super::attempts::too_large_to_keep;

impl Forwardable<'_> {
    /// Sends the request to one of the pools' configurations after the other. Each makes its own of the same request: what one has
    /// changed, the next does not see.
    ///
    /// # Errors
    /// Those of the last configuration, or of the first for which the request itself is at fault; 413 for a body that is too large to
    /// be kept.
    pub(super) async fn fail_over(
        &self,
        installed: &Installed,
        received: &Received,
        mut draft: Draft,
        pools: &Pools,
        call: &Call<'_>,
        entry: &mut PendingEntry,
    ) -> Result<Response<Body>, GatewayError> {
        self.adapt(self.config, received, &mut draft, call.context).await?;
        let body = draft.replay().await.map_err(too_large_to_keep)?;
        let _held = draft.release();
        let turns = pools.turns(call.platform.random.as_ref());
        let mut members = turns.into_iter().filter_map(|place| self.service.configs().get(place)).peekable();
        while let Some(member) = members.next() {
            entry.config(member.name.as_deref());
            call.context.tell(|| Step::Member { name: member.name.as_deref() });
            let mut own = draft.copy(&body);
            // What the gateway made it is no longer the caller's own.
            if !self.authorized.sets_authorization() && !member.passes_authorization(self.service.is_anonymous) {
                remove_authorization(received, &mut own);
            }
            let answer = self.reach(member, installed, received, own, call, entry).await;
            if members.peek().is_none() || !is_worth_another(&answer) {
                let mut response = answer?;
                member.headers.apply_to_response(response.headers_mut(), call.context, self.now)?;
                return Ok(response);
            }
            // An answer that nobody reads gives its connection back before the next call.
            drop(answer);
            entry.repeated();
        }
        Err(GatewayError::new(ErrorKind::NoUpstream, "none of the pools has a configuration"))
    }
}

/// Whether another configuration may do better. A call of a model costs, but does nothing else, so the method does not matter.
fn is_worth_another(answer: &Result<Response<Body>, GatewayError>) -> bool {
    match answer {
        Ok(response) => response.status() == StatusCode::TOO_MANY_REQUESTS || response.status().is_server_error(),
        // Nobody can be asked, or nobody has answered. Everything else is the request's fault, or that of rules which fail closed.
        Err(error) => matches!(
            error.kind,
            ErrorKind::UpstreamUnreachable
                | ErrorKind::UpstreamBroken
                | ErrorKind::UpstreamTimeout
                | ErrorKind::Credential
                | ErrorKind::NotImplemented
        ),
    }
}
