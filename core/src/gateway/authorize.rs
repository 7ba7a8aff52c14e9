//! The proof that a request may be forwarded.

use http::HeaderValue;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName};

use crate::auth::{Identity, holds_gateway_token};
use crate::body::BodyNeeds;
use crate::context::Context;
use crate::error::{ErrorKind, GatewayError};
use crate::explain::Step;
use crate::platform::Timestamp;
use crate::policy::{Attached, decide};
use crate::service::Service;
use crate::telemetry::{PendingEntry, Reason, ReasonDetails};

use super::installed::UNAUTHORIZED;

/// Only [`authorize`] makes one.
pub struct Authorized {
    /// The headers that carried the caller's token.
    token_headers: Vec<HeaderName>,
    /// `Authorization` is what the gateway made it, and no longer the caller's own.
    sets_authorization: bool,
}

/// Asks the policies. An anonymous Service without `enableAnonymous` has none to ask.
///
/// # Errors
/// 403 when they deny, 500 when one of them fails.
pub fn authorize(
    service: &Service,
    caller: Option<&Identity>,
    policies: &[Attached],
    context: &Context<'_>,
    now: Timestamp,
    entry: &mut PendingEntry,
) -> Result<Authorized, GatewayError> {
    if caller.is_none() && service.is_anonymous && !service.anonymous_policies {
        entry.decided(true, None);
        context.tell(|| Step::NoPolicies);
        return Ok(Authorized { token_headers: Vec::new(), sets_authorization: false });
    }
    let decision = decide(policies, context, now)
        .map_err(|failure| GatewayError::new(ErrorKind::Evaluation, format!("a policy failed: {failure}")))?;
    let reason = match decision.matched {
        Some(policy_match) => Reason { r#type: "POLICY_MATCH", details: Some(ReasonDetails { policy_match }) },
        None => Reason { r#type: "NO_POLICY_MATCH", details: None },
    };
    entry.decided(decision.allowed, Some(reason));
    if !decision.allowed {
        return Err(GatewayError::new(ErrorKind::Forbidden, "denied by policy").with_header(UNAUTHORIZED, HeaderValue::from_static("true")));
    }
    Ok(Authorized {
        token_headers: caller.map(|caller| caller.token_headers.clone()).unwrap_or_default(),
        sets_authorization: caller.is_some_and(|caller| caller.sets_authorization),
    })
}

/// After an upgrade the caller says whatever it likes, and policies that read the body have seen none of it.
///
/// # Errors
/// 403 for an upgrade where they do.
pub fn refuse_unreadable(websocket: bool, needs: &BodyNeeds) -> Result<(), GatewayError> {
    if websocket && needs.authorization {
        return Err(GatewayError::new(ErrorKind::Forbidden, "a policy reads the body, and what follows an upgrade is hidden from it"));
    }
    Ok(())
}

impl Authorized {
    /// Whether the gateway made `Authorization` what it is.
    pub fn sets_authorization(&self) -> bool {
        self.sets_authorization
    }

    /// Removes the caller's token, and the caller's own `Authorization` unless it may pass. What looks like a token of this
    /// gateway never does, in whatever header: SDKs put the same key into `x-api-key` or a WebSocket's subprotocol too.
    pub fn strip_tokens(&self, headers: &mut HeaderMap, authorization_passes: bool) {
        for name in &self.token_headers {
            headers.remove(name);
        }
        if !authorization_passes && !self.sets_authorization {
            headers.remove(AUTHORIZATION);
        }
        let ours: Vec<HeaderName> =
            headers.iter().filter(|(_, value)| holds_gateway_token(value.as_bytes())).map(|(name, _)| name.clone()).collect();
        for name in ours {
            headers.remove(name);
        }
    }
}
