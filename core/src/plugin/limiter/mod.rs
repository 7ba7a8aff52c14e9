//! What the plugins that limit callers have in common: whose requests they count, how they refuse one, and what happens without
//! counters.

mod key;
mod retry;

use std::time::Duration;

use http::{Response, StatusCode};

use super::refusal::Refusal;
use super::{Call, Flow};
use crate::body::BodyNeeds;
use crate::error::{ErrorKind, GatewayError, Retry};
use crate::platform::{Body, CounterError};
use crate::problem::Problems;
use crate::resource::service::{InlineBody, KeyValue, Phase, RateLimitKey, StoreFailure};
use key::Key;
pub use key::owner;
pub use retry::{integer, seconds};

/// The part of a plugin that is the same whatever it counts.
#[derive(Debug)]
pub struct Limiter {
    key: Key,
    refusal: Refusal,
    on_store_failure: StoreFailure,
}

/// What a configuration says of it.
pub struct Source<'s> {
    pub key: Option<&'s RateLimitKey>,
    pub status_code: Option<u16>,
    pub body: Option<&'s InlineBody>,
    pub headers: &'s [KeyValue],
    pub on_store_failure: StoreFailure,
}

impl Limiter {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &Source<'_>, phase: Phase, problems: &mut Problems) -> Option<Self> {
        let key = match source.key {
            Some(key) => problems.at("key", |problems| Key::compile(key, phase, problems)),
            None => Some(Key::Session),
        };
        let status = (source.status_code, StatusCode::TOO_MANY_REQUESTS);
        let refusal = Refusal::compile(status, source.body, source.headers, problems);
        Some(Self { key: key?, refusal: refusal?, on_store_failure: source.on_store_failure })
    }

    /// Whose requests this one is counted with.
    ///
    /// # Errors
    /// 500 when the key's expression fails.
    pub fn principal(&self, call: &Call<'_>) -> Result<String, GatewayError> {
        self.key.principal(call)
    }

    /// What the key reads of the body.
    pub fn needs(&self) -> BodyNeeds {
        self.key.needs()
    }

    /// The answer to a request that is over the limit, as configured, with when to come again.
    pub fn refuse(&self, call: &Call<'_>, wait: Duration, again: Retry, message: String) -> Response<Body> {
        let error = GatewayError::new(ErrorKind::TooManyRequests, format!("the limit of the plugin {:?}", call.scope.plugin));
        let mut response = self.refusal.response(GatewayError { retry: again, ..error }.saying(message), call.shape);
        for (name, value) in retry::headers(wait, again) {
            if !self.refusal.sets(&name) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }

    /// How a request goes on that could not be counted. `what` names the kind of limit in the log.
    ///
    /// # Errors
    /// 503, unless the configuration admits it.
    pub fn without_store(&self, call: &Call<'_>, what: &str, error: &CounterError) -> Result<Flow, GatewayError> {
        let detail = format!("the {what} of the plugin {:?}: {error}", call.scope.plugin);
        match self.on_store_failure {
            StoreFailure::Refuse => {
                let error = GatewayError::new(ErrorKind::StoreUnavailable, detail);
                Err(GatewayError { retry: Retry::After(Duration::from_secs(1)), ..error })
            }
            StoreFailure::Admit => {
                let line = serde_json::json!({"kind": "ComponentLog", "level": "error", "message": format!("{detail}; admitted")});
                call.platform.log.write(&line.to_string());
                Ok(Flow::Continue)
            }
        }
    }
}
