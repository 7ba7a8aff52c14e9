//! `rateLimit`: refuses when a caller asks too often, and tells callers how much is left.

mod headers;
mod key;
mod state;

use std::num::NonZeroU64;
use std::time::Duration;

use http::{Response, StatusCode};

use super::refusal::Refusal;
use super::{Action, Call, Draft, Flow, ResponseHook};
use crate::body::BodyNeeds;
use crate::error::{ErrorKind, GatewayError, Retry};
use crate::limit::{Admission, Limit};
use crate::platform::{Body, CounterError, LocalBoxFuture};
use crate::problem::Problems;
use crate::resource::service::{Phase, RateLimitPlugin, StoreFailure};
use key::Key;
use state::State;

#[derive(Debug)]
pub struct LimitRate {
    limit: Limit,
    key: Key,
    refusal: Refusal,
    on_store_failure: StoreFailure,
}

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(366 * 86_400);

/// SDKs wait no longer than this. A retry before it can be admitted would only be counted.
const WORTH_WAITING: Duration = Duration::from_secs(60);

impl LimitRate {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &RateLimitPlugin, phase: Phase, problems: &mut Problems) -> Option<Self> {
        let requests = NonZeroU64::new(source.limit);
        if requests.is_none() {
            problems.at("limit", |p| p.error_with_help("a limit is at least 1", "to answer every request, use the plugin `direct`"));
        }
        let window = source.window.to_std();
        if !(SHORTEST..=LONGEST).contains(&window) {
            problems.at("window", |p| p.error("a window is 1 second to 366 days"));
        }
        let key = match &source.key {
            Some(key) => problems.at("key", |problems| Key::compile(key, phase, problems)),
            None => Some(Key::Session),
        };
        let status = (source.status_code, StatusCode::TOO_MANY_REQUESTS);
        let refusal = Refusal::compile(status, source.body.as_ref(), &source.headers, problems);
        let limit = Limit { requests: requests?, window };
        Some(Self { limit, key: key?, refusal: refusal?, on_store_failure: source.on_store_failure })
    }

    fn refuse(&self, call: &Call<'_>, admission: Admission) -> Response<Body> {
        let again = if admission.more_in <= WORTH_WAITING { Retry::After(admission.more_in) } else { Retry::No };
        let error = GatewayError::new(ErrorKind::TooManyRequests, format!("the limit of the plugin {:?}", call.scope.plugin));
        let message = format!("Too many requests. Try again in {}.", headers::duration(admission.more_in));
        let mut response = self.refusal.response(GatewayError { retry: again, ..error }.saying(message));
        for (name, value) in headers::refusal(admission.more_in, again) {
            if !self.refusal.sets(&name) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }

    fn without_store(&self, call: &Call<'_>, error: &CounterError) -> Result<Flow, GatewayError> {
        let detail = format!("the rate limit of the plugin {:?}: {error}", call.scope.plugin);
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

impl Action for LimitRate {
    fn on_request<'a>(&'a self, call: &'a Call<'a>, _: &'a mut Draft) -> LocalBoxFuture<'a, Result<Flow, GatewayError>> {
        Box::pin(async move {
            let series = self.limit.series(&key::owner(&call.scope), &self.key.principal(call)?);
            let admission = match self.limit.admit(call.platform, &series).await {
                Ok(admission) => admission,
                Err(error) => return self.without_store(call, &error),
            };
            let state = State { name: call.scope.plugin.clone(), limit: self.limit, admission };
            if admission.admitted {
                return Ok(Flow::Watch(Box::new(state)));
            }
            let mut response = self.refuse(call, admission);
            state.add_to(&mut response);
            Ok(Flow::Answer(response))
        })
    }

    fn needs(&self) -> BodyNeeds {
        self.key.needs()
    }
}

impl ResponseHook for State {
    fn on_response<'a>(
        self: Box<Self>,
        _: &'a Call<'a>,
        mut response: Response<Body>,
    ) -> LocalBoxFuture<'a, Result<Response<Body>, GatewayError>> {
        Box::pin(async move {
            self.add_to(&mut response);
            Ok(response)
        })
    }

    /// Whoever answers, the request was counted.
    fn sees_answers(&self) -> bool {
        true
    }
}
