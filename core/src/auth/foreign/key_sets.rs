//! Sets of keys that issuers publish, as an instance remembers them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use http::header::{ACCEPT, HeaderValue, USER_AGENT};
use http::{Request, StatusCode, Uri};

use super::key::{self, Key};
use crate::auth::{AuthFailure, Outage};
use crate::platform::{Body, Platform, SendOptions, Timestamp};
use crate::problem::Problems;
use crate::resource;

/// Where a set is, and how long it is used.
#[derive(Debug)]
pub(super) struct Remote {
    uri: Uri,
    cache_for: Duration,
}

/// By address.
#[derive(Default)]
pub(in crate::auth) struct KeySets(RefCell<BTreeMap<String, Known>>);

#[derive(Clone, Default)]
struct Known {
    keys: Option<(Timestamp, Rc<[Key]>)>,
    /// The last attempt, which may go on still.
    tried_at: Timestamp,
    /// Why it failed.
    failed: Option<String>,
}

const DEFAULT_CACHE: Duration = Duration::from_secs(300);
const CACHE: std::ops::RangeInclusive<Duration> = Duration::from_secs(10)..=Duration::from_secs(86_400);
/// How much longer keys serve that cannot be fetched again.
const GRACE: Duration = Duration::from_secs(3600);
/// Between two attempts, whatever the tokens say that strangers send.
const PAUSE: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(5);
const MAX_SET: usize = 256 << 10;

impl Remote {
    pub(super) fn compile(uri: Uri, cache_for: Option<resource::Duration>, problems: &mut Problems) -> Self {
        let cache_for = cache_for.map_or(DEFAULT_CACHE, resource::Duration::to_std);
        if !CACHE.contains(&cache_for) {
            problems.error("`cacheFor` is 10 seconds to 1 day");
        }
        Self { uri, cache_for }
    }
}

impl KeySets {
    /// The keys, fetched when they are not here or old.
    ///
    /// # Errors
    /// [`Outage::Issuer`], when they cannot be had and there are none that could still serve.
    pub(super) async fn keys(&self, platform: &Platform, remote: &Remote) -> Result<Rc<[Key]>, AuthFailure> {
        let now = platform.clock.now();
        let known = self.known(remote);
        let (fresh, usable) = match &known.keys {
            Some((at, keys)) => {
                (now.is_within(remote.cache_for, *at).then_some(keys), (now.since(*at) < remote.cache_for + GRACE).then_some(keys))
            }
            None => (None, None),
        };
        if let Some(keys) = fresh {
            return Ok(keys.clone());
        }
        let pauses = now.is_within(PAUSE, known.tried_at);
        match (usable, &known.failed) {
            (Some(keys), _) if pauses => Ok(keys.clone()),
            (None, Some(why)) if pauses => Err(Outage::Issuer(why.clone()).into()),
            _ => match (self.fetch(platform, remote).await, usable) {
                (Ok(keys), _) => Ok(keys),
                (Err(_), Some(keys)) => Ok(keys.clone()),
                (Err(why), None) => Err(Outage::Issuer(why).into()),
            },
        }
    }

    /// The keys fetched anew, for a token of a key that is not among them; `None` when that was tried a moment ago, or fails.
    pub(super) async fn newer(&self, platform: &Platform, remote: &Remote) -> Option<Rc<[Key]>> {
        if platform.clock.now().is_within(PAUSE, self.known(remote).tried_at) {
            return None;
        }
        self.fetch(platform, remote).await.ok()
    }

    fn known(&self, remote: &Remote) -> Known {
        self.0.borrow().get(&remote.uri.to_string()).cloned().unwrap_or_default()
    }

    async fn fetch(&self, platform: &Platform, remote: &Remote) -> Result<Rc<[Key]>, String> {
        // Their age counts from before the issuer was asked, as the answer may be as old as that.
        let asked_at = platform.clock.now();
        self.0.borrow_mut().entry(remote.uri.to_string()).or_default().tried_at = asked_at;
        let fetched = ask(platform, &remote.uri).await;
        if let Err(why) = &fetched {
            platform.warn(&format!("the keys at {} cannot be had: {why}", remote.uri.authority().map_or("", |it| it.as_str())));
        }
        let mut sets = self.0.borrow_mut();
        let known = sets.entry(remote.uri.to_string()).or_default();
        match fetched {
            Ok(keys) => {
                let keys: Rc<[Key]> = keys.into();
                known.keys = Some((asked_at, keys.clone()));
                known.failed = None;
                Ok(keys)
            }
            Err(why) => {
                known.failed = Some(why.clone());
                Err(why)
            }
        }
    }
}

/// Asks the configured address and no other: a redirect is an error.
async fn ask(platform: &Platform, uri: &Uri) -> Result<Vec<Key>, String> {
    let mut request = Request::new(Body::Empty);
    *request.uri_mut() = uri.clone();
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json, application/jwk-set+json"));
    request.headers_mut().insert(USER_AGENT, HeaderValue::from_static("postern"));
    let options = SendOptions { timeout: Some(TIMEOUT), whole: Some(MAX_SET), ..SendOptions::default() };
    let response = platform.http.send(request, options).await.map_err(|error| error.to_string())?;
    if response.status() != StatusCode::OK {
        return Err(format!("it answered {}", response.status().as_u16()));
    }
    let (bytes, _) = response.into_body().buffer(MAX_SET).await.map_err(|error| error.to_string())?;
    key::read_published(&bytes)
}
