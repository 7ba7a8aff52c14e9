//! What a configuration makes of a request before its header rules: the path, and what a provider of language models expects.

use crate::error::{ErrorKind, GatewayError};
use crate::plugin::Draft;
use crate::receive::Received;
use crate::route::Prefix;
use crate::service::Config;
use crate::upstream::{Ai, KEY_HEADERS, KEY_PARAMETER, without_parameter};

/// Changes the request.
///
/// # Errors
/// 400 for a path that leaves its prefix, a body or a model's name that the provider's path or a model of the configuration's cannot be
/// put into; 413 for a body that is too large to be read for it; 501 for `OPTIONS *`.
pub async fn adapt(config: &Config, received: &Received, prefix: Option<&Prefix>, draft: &mut Draft) -> Result<(), GatewayError> {
    if draft.path.as_str() == "*" {
        // It asks about a server as a whole (RFC 9110 §9.3.7), and joined to an origin or a prefix it would be part of its name.
        return Err(GatewayError::new(ErrorKind::NotImplemented, "`OPTIONS *`").saying("`OPTIONS *` is not passed on."));
    }
    draft.path = config.path.apply(&draft.path, prefix)?;
    if let Some(ai) = &config.ai {
        if config.replaces_keys() {
            remove_keys(received, draft);
        }
        speak(ai, draft).await?;
    }
    Ok(())
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
    draft.query = draft.query.take().and_then(|query| without_parameter(&query, KEY_PARAMETER));
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
