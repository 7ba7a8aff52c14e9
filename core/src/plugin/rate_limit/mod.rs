//! `rateLimit`: refuses when a caller asks too often, and tells callers how much is left.

mod headers;
mod state;

use std::num::NonZeroU64;
use std::time::Duration;

use http::Response;

use super::limiter::{self, Limiter};
use super::{Action, Call, Draft, Flow, ResponseHook};
use crate::body::BodyNeeds;
use crate::error::{GatewayError, Retry};
use crate::limit::{Admission, Limit};
use crate::platform::{Body, LocalBoxFuture};
use crate::problem::Problems;
use crate::resource::service::{Phase, RateLimitPlugin};
use state::State;

#[derive(Debug)]
pub struct LimitRate {
    limit: Limit,
    limiter: Limiter,
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
        let common = limiter::Source {
            key: source.key.as_ref(),
            status_code: source.status_code,
            body: source.body.as_ref(),
            headers: &source.headers,
            on_store_failure: source.on_store_failure,
        };
        let limiter = Limiter::compile(&common, phase, problems);
        Some(Self { limit: Limit { requests: requests?, window }, limiter: limiter? })
    }

    fn refuse(&self, call: &Call<'_>, admission: Admission) -> Response<Body> {
        let again = if admission.more_in <= WORTH_WAITING { Retry::After(admission.more_in) } else { Retry::No };
        let message = format!("Too many requests. Try again in {}.", headers::duration(admission.more_in));
        self.limiter.refuse(call, admission.more_in, again, message)
    }
}

impl Action for LimitRate {
    fn on_request<'a>(&'a self, call: &'a Call<'a>, _: &'a mut Draft) -> LocalBoxFuture<'a, Result<Flow, GatewayError>> {
        Box::pin(async move {
            let series = self.limit.series(&limiter::owner(&call.scope), &self.limiter.principal(call)?);
            let admission = match self.limit.admit(call.platform, &series).await {
                Ok(admission) => admission,
                Err(error) => return self.limiter.without_store(call, "rate limit", &error),
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
        self.limiter.needs()
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
