//! `cache`: answers a request that was answered before, to the same caller, from what was kept of that answer.
//!
//! What is kept is the answer as the caller got it, after every later plugin and header rule; so those run only when it is fetched.

mod keep;
mod key;
mod record;
mod request;
mod response;

use std::time::Duration;

use http::Method;
use http::header::{ACCEPT_ENCODING, HeaderName, HeaderValue};

use super::{Action, Call, Draft, Flow};
use crate::body::BodyNeeds;
use crate::error::{ErrorKind, GatewayError};
use crate::expression::Expression;
use crate::platform::{Body, CacheKey, LocalBoxFuture, Turn};
use crate::problem::Problems;
use crate::resource::service::CachePlugin;
use keep::Keep;

const DEFAULT_TTL: Duration = Duration::from_secs(600);
const MAX_TTL: Duration = Duration::from_secs(365 * 86_400);

const DEFAULT_MAX_SIZE: usize = 4 << 20;
const MAX_MAX_SIZE: u64 = 32 << 20;

const X_CACHE: HeaderName = HeaderName::from_static("x-cache");

#[derive(Debug)]
pub struct CacheResponses {
    /// Of `key.eval`.
    key: Option<Expression>,
    settings: Settings,
    allow_unsafe_methods: bool,
}

/// What holds for an answer that may be kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    ttl: Duration,
    /// Bytes of a body.
    max_size: usize,
    say_x_cache: bool,
}

impl CacheResponses {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &CachePlugin, problems: &mut Problems) -> Option<Self> {
        let ttl = source.ttl.map_or(DEFAULT_TTL, |ttl| ttl.to_std());
        if ttl.is_zero() || ttl > MAX_TTL {
            problems.at("ttl", |p| p.error("an answer is kept for more than nothing, and for a year at most"));
        }
        if source.max_size.is_some_and(|size| size == 0 || size > MAX_MAX_SIZE) {
            problems.at("maxSize", |p| p.error(format!("this is 1 to {MAX_MAX_SIZE} bytes")));
        }
        let max_size = source.max_size.and_then(|size| usize::try_from(size).ok()).unwrap_or(DEFAULT_MAX_SIZE);
        let key = match &source.key {
            None => None,
            Some(key) => problems.at("key", |problems| match &key.eval {
                Some(source) => problems.at("eval", |problems| Expression::compile_at(source, problems)).map(Some),
                None => {
                    problems.error("`eval` is missing");
                    None
                }
            })?,
        };
        let settings = Settings { ttl, max_size, say_x_cache: source.use_x_cache_header };
        Some(Self { key, settings, allow_unsafe_methods: source.allow_unsafe_methods })
    }

    /// `None` for a request that is not to be answered from what was kept, nor its answer to be kept.
    async fn key(&self, call: &Call<'_>, draft: &mut Draft) -> Result<Option<CacheKey>, GatewayError> {
        let is_safe = draft.method == Method::GET || draft.method == Method::HEAD;
        if !(is_safe || self.allow_unsafe_methods) || request::opts_out(&draft.headers, self.key.is_some()) {
            return Ok(None);
        }
        if let Some(expression) = &self.key {
            let text = expression.evaluate_string(call.context, None, call.now);
            let text = text.map_err(|failure| GatewayError::new(ErrorKind::Evaluation, format!("`key.eval` failed: {failure}")))?;
            return Ok(text.filter(|text| !text.is_empty()).map(|text| key::of_text(call, draft, &text)));
        }
        if is_safe {
            // What a body means here nobody says (RFC 9110 §9.3.1), and an upstream may look at it.
            return Ok((!draft.has_body()).then(|| key::of_request(call, draft, None)));
        }
        if draft.is_too_large() {
            return Ok(None);
        }
        let body = draft.read_body().await?;
        Ok(Some(key::of_request(call, draft, Some(&body))))
    }

    /// The answer that was kept, if it may still be used for this request.
    async fn kept(&self, call: &Call<'_>, draft: &Draft, key: &CacheKey) -> Option<http::Response<Body>> {
        let kept = match call.platform.cache.get(key).await {
            Ok(kept) => kept?,
            Err(error) => {
                // Nothing is lost but time.
                call.platform.warn(&error.to_string());
                return None;
            }
        };
        let now = call.platform.clock.now();
        if !kept.head.is_fresh(now) || request::max_age(&draft.headers).is_some_and(|most| kept.head.age_at(now) > most) {
            return None;
        }
        let body = if draft.method == Method::HEAD { Body::Empty } else { kept.body };
        let mut response = kept.head.response(body, now);
        if self.settings.say_x_cache {
            response.headers_mut().insert(X_CACHE, HeaderValue::from_static("HIT"));
        }
        Some(response)
    }
}

impl Action for CacheResponses {
    fn on_request<'a>(&'a self, call: &'a Call<'a>, draft: &'a mut Draft) -> LocalBoxFuture<'a, Result<Flow, GatewayError>> {
        Box::pin(async move {
            let Some(key) = self.key(call, draft).await? else { return Ok(Flow::Continue) };
            if let Some(response) = self.kept(call, draft, &key).await {
                return Ok(Flow::Answer(response));
            }
            let fetching = match call.platform.cache.begin(&key).await {
                Turn::Fetch(fetching) => Some(fetching),
                Turn::Waited => {
                    if let Some(response) = self.kept(call, draft, &key).await {
                        return Ok(Flow::Answer(response));
                    }
                    None
                }
            };
            // One form that everybody can read.
            draft.headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            let has_body = draft.method != Method::HEAD;
            Ok(Flow::Watch(Box::new(Keep { key, settings: self.settings, has_body, budget: draft.limits().1, fetching })))
        })
    }

    fn needs(&self) -> BodyNeeds {
        let mut needs = BodyNeeds::default();
        if let Some(expression) = &self.key {
            needs.reads(expression.reads());
        }
        needs
    }
}

#[cfg(test)]
mod tests;
