//! What becomes of the answer.

use bytes::Bytes;
use http::Response;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderValue};

use super::record::{Recording, record};
use super::{Settings, X_CACHE, response};
use crate::body::BodyBudget;
use crate::error::GatewayError;
use crate::platform::{Body, CacheKey, Fetching, Keeping, KeptHead, LocalBoxFuture, Platform};
use crate::plugin::{Call, ResponseHook};

/// Waits for the answer, and keeps it if it may be kept.
pub struct Keep {
    pub key: CacheKey,
    pub settings: Settings,
    /// Answers to HEAD have none.
    pub has_body: bool,
    pub budget: BodyBudget,
    /// Others may be waiting for what this request gets.
    pub fetching: Option<Box<dyn Fetching>>,
}

impl ResponseHook for Keep {
    fn on_response<'a>(
        self: Box<Self>,
        call: &'a Call<'a>,
        mut response: Response<Body>,
    ) -> LocalBoxFuture<'a, Result<Response<Body>, GatewayError>> {
        Box::pin(async move {
            let (settings, platform) = (self.settings, call.platform);
            let declared = content_length(response.headers()).filter(|_| self.has_body);
            if let Some(head) = self.head(&response, declared, platform) {
                let body = std::mem::replace(response.body_mut(), Body::Empty);
                *response.body_mut() = self.keep(head, (body, declared), platform).await;
            }
            if settings.say_x_cache {
                response.headers_mut().insert(X_CACHE, HeaderValue::from_static("MISS"));
            }
            Ok(response)
        })
    }
}

impl Keep {
    /// `None` for an answer that is not to be kept.
    fn head(&self, response: &Response<Body>, declared: Option<usize>, platform: &Platform) -> Option<KeptHead> {
        let now = platform.clock.now();
        let lifetime = response::lifetime(response, self.settings.ttl, now)?;
        if declared.is_some_and(|length| length > self.most(platform)) {
            return None;
        }
        let mut headers = response::kept(response.headers(), self.has_body);
        // Not everybody can read an encoding, and nobody asked for one.
        if let Some(encoding) = headers.get(CONTENT_ENCODING) {
            let name = encoding.to_str().unwrap_or_default();
            let is_opaque = matches!(response.body(), Body::Opaque(_));
            if !(name == "identity" || is_opaque && self.has_body && platform.cache.decodes(name)) {
                return None;
            }
            headers.remove(CONTENT_ENCODING);
        }
        let (status, age) = (response.status(), response::age(response.headers()));
        Some(KeptHead { status, headers, kept_at: now, expires_at: now.plus(lifetime), age })
    }

    /// Gives the body back, to send on. A stream is kept as it passes.
    async fn keep(self, head: KeptHead, (body, declared): (Body, Option<usize>), platform: &Platform) -> Body {
        let most = self.most(platform);
        match body {
            Body::Opaque(opaque) => {
                match platform.cache.keep(&self.key, &head, &opaque, most).await {
                    Ok(keeping) => finish(keeping, platform.clone(), self.fetching),
                    Err(error) => platform.warn(&error.to_string()),
                }
                Body::Opaque(opaque)
            }
            Body::Stream(stream) => match self.budget.hold(0) {
                Some(held) => record(stream, Recording { most, declared, held, keep: self.keeper(head, platform) }),
                None => Body::Stream(stream),
            },
            Body::Bytes(bytes) => {
                if bytes.len() <= most {
                    self.keeper(head, platform)(bytes.clone());
                }
                Body::Bytes(bytes)
            }
            Body::Empty => {
                self.keeper(head, platform)(Bytes::new());
                Body::Empty
            }
        }
    }

    /// Keeps the body that it is given, beside the answer that is on its way.
    fn keeper(self, head: KeptHead, platform: &Platform) -> Box<dyn FnOnce(Bytes)> {
        let (platform, key, fetching) = (platform.clone(), self.key, self.fetching);
        Box::new(move |body| {
            let keeping = platform.cache.put(key, head, body);
            finish(keeping, platform, fetching);
        })
    }

    fn most(&self, platform: &Platform) -> usize {
        self.settings.max_size.min(platform.cache.max_size())
    }
}

fn content_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Does what is left to do after the answer; whoever waits for it waits until then.
fn finish(keeping: Option<Keeping>, platform: Platform, fetching: Option<Box<dyn Fetching>>) {
    let Some(keeping) = keeping else { return };
    let tasks = platform.tasks.clone();
    tasks.wait_until(Box::pin(async move {
        if let Err(error) = keeping.await {
            platform.warn(&error.to_string());
        }
        drop(fetching);
    }));
}
