//! `concurrencyLimit`: refuses while too many requests of a caller are under way.

mod body;

use std::num::NonZeroU64;
use std::time::Duration;

use http::{Method, Response};

use super::limiter::{self, Limiter};
use super::{Action, Call, Draft, Flow, ResponseHook};
use crate::body::BodyNeeds;
use crate::error::{GatewayError, Retry};
use crate::limit::{Permit, Places};
use crate::platform::{Body, LocalBoxFuture};
use crate::problem::Problems;
use crate::resource::service::{ConcurrencyLimitPlugin, Phase};

#[derive(Debug)]
pub struct LimitConcurrency {
    places: Places,
    limiter: Limiter,
}

const DEFAULT_LEASE: Duration = Duration::from_secs(15 * 60);
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(86_400);

/// Nobody knows when a place becomes free.
const COME_AGAIN: Duration = Duration::from_secs(1);

impl LimitConcurrency {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &ConcurrencyLimitPlugin, phase: Phase, problems: &mut Problems) -> Option<Self> {
        let limit = NonZeroU64::new(source.limit);
        if limit.is_none() {
            problems.at("limit", |p| p.error_with_help("a limit is at least 1", "to answer every request, use the plugin `direct`"));
        }
        let lease = source.lease.map_or(DEFAULT_LEASE, |lease| lease.to_std());
        if !(SHORTEST..=LONGEST).contains(&lease) {
            let help = "take more than the longest time for which answers fall silent, or leave it out for 15 minutes";
            problems.at("lease", |p| p.error_with_help("a lease is 1 second to 24 hours", help));
        }
        let common = limiter::Source {
            key: source.key.as_ref(),
            status_code: source.status_code,
            body: source.body.as_ref(),
            headers: &source.headers,
            on_store_failure: source.on_store_failure,
        };
        let limiter = Limiter::compile(&common, phase, problems);
        Some(Self { places: Places { limit: limit?, lease }, limiter: limiter? })
    }
}

impl Action for LimitConcurrency {
    fn on_request<'a>(&'a self, call: &'a Call<'a>, _: &'a mut Draft) -> LocalBoxFuture<'a, Result<Flow, GatewayError>> {
        Box::pin(async move {
            let series = self.places.series(&limiter::owner(&call.scope), &self.limiter.principal(call)?);
            match self.places.enter(call.platform, &series).await {
                Ok(Some(permit)) => Ok(Flow::Watch(Box::new(permit))),
                Ok(None) => {
                    let message = format!("Too many requests at once: at most {}.", self.places.limit);
                    Ok(Flow::Answer(self.limiter.refuse(call, COME_AGAIN, Retry::After(COME_AGAIN), message)))
                }
                Err(error) => self.limiter.without_store(call, "concurrency limit", &error),
            }
        })
    }

    fn needs(&self) -> BodyNeeds {
        self.limiter.needs()
    }
}

/// A hook that is dropped gives the place back as well: then something later ended the request.
impl ResponseHook for Permit {
    fn on_response<'a>(
        self: Box<Self>,
        call: &'a Call<'a>,
        response: Response<Body>,
    ) -> LocalBoxFuture<'a, Result<Response<Body>, GatewayError>> {
        let to_head = call.context.request.method == Method::HEAD;
        Box::pin(async move { Ok(body::hold(response, to_head, *self)) })
    }

    /// Whoever answers, a place was taken.
    fn sees_answers(&self) -> bool {
        true
    }

    fn reads_pieces(&self) -> bool {
        true
    }
}
