//! What a configuration makes of a request before its header rules: path and query, and what a provider of language models expects.

use crate::context::Context;
use crate::error::{ErrorKind, GatewayError};
use crate::plugin::Draft;
use crate::query::without;
use crate::receive::Received;
use crate::service::Config;
use crate::upstream::{Ai, KEY_HEADERS, KEY_PARAMETER};

use super::Forwardable;

impl Forwardable<'_> {
    /// Changes the request: path, query, and then what the provider expects.
    ///
    /// # Errors
    /// 400 for a path that leaves its prefix, for a body that a configured model cannot be put into, and for a model's name that cannot
    /// stand in a path; 413 for a body that is too large to be read for it; 500 when an expression fails; 501 for `OPTIONS *`.
    pub(super) async fn adapt(
        &self,
        config: &Config,
        received: &Received,
        draft: &mut Draft,
        context: &Context<'_>,
    ) -> Result<(), GatewayError> {
        if draft.path.as_str() == "*" {
            // It asks about a server as a whole (RFC 9110 §9.3.7), and joined to an origin or a prefix it would be part of its name.
            return Err(GatewayError::new(ErrorKind::NotImplemented, "`OPTIONS *`").saying("`OPTIONS *` is not passed on."));
        }
        draft.path = config.path.apply(&draft.path, self.prefix())?;
        let Some(ai) = config.ai() else {
            draft.query = config.query.apply(draft.query.take(), context, self.now)?;
            return Ok(());
        };
        if config.replaces_keys() {
            remove_keys(received, draft);
        }
        draft.query = config.query.apply(draft.query.take(), context, self.now)?;
        speak(ai, draft).await
    }
}

/// Removes the caller's own `Authorization`, where a configuration other than the one that was chosen does not let it through. What a
/// plugin has put there stays.
pub fn remove_authorization(received: &Received, draft: &mut Draft) {
    remove_own(received, draft, &http::header::AUTHORIZATION);
}

/// A provider that knows several ways to send a key may prefer the caller's.
fn remove_keys(received: &Received, draft: &mut Draft) {
    for name in &KEY_HEADERS {
        remove_own(received, draft, name);
    }
    draft.query = draft.query.take().and_then(|query| without(&query, KEY_PARAMETER));
}

fn remove_own(received: &Received, draft: &mut Draft, name: &http::HeaderName) {
    if draft.headers.get_all(name).iter().eq(received.headers.get_all(name)) {
        draft.headers.remove(name);
    }
}

async fn speak(ai: &Ai, draft: &mut Draft) -> Result<(), GatewayError> {
    let ask = ai.ask(&draft.path);
    let body = if ask.reads_body() { Some(draft.read_body().await?) } else { None };
    let written = ask.write(draft.query.as_deref(), &draft.headers, body.as_ref())?;
    (draft.path, draft.query) = (written.path, written.query);
    ai.set_headers(&mut draft.headers);
    if let Some(body) = written.body {
        draft.set_body(body);
    }
    Ok(())
}
