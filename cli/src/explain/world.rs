//! A platform on which nothing leaves: every secret has a value that says which one it is, and every upstream answers at once.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::CONTENT_TYPE;
use http_body_util::BodyExt;
use postern_core::compile::{Protect, WithKeys};
use postern_core::platform::memory::{Memory, MemoryStore};
use postern_core::platform::processor::ProcessorClient;
use postern_core::platform::{
    Body, HttpClient, HttpError, KeyValueStore, LocalBoxFuture, Platform, SecureRandom, SendOptions, StoreError, Timestamp,
};
use postern_core::secret::{KEY, KeyRing, MasterKey, SecretName, SecretValue, seal};
use postern_native::OperatingSystemRandom;
use serde_json::Value;
use zeroize::Zeroizing;

use super::processor::{Processors, passing};
use super::recorder::Recorder;
use super::{CAPABILITIES, exchange};

pub struct World {
    pub(super) domain: String,
    pub(super) memory: Memory,
    pub(super) ring: Rc<KeyRing>,
    pub(super) random: OperatingSystemRandom,
    pub(super) recorder: Arc<Recorder>,
    upstream: Rc<Upstream>,
}

impl World {
    /// A gateway of this domain; `answer` is what its upstreams say.
    pub fn new(domain: &str, answer: Option<String>) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let memory = Memory::new(Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX)));
        let random = OperatingSystemRandom::default();
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill(bytes.as_mut_slice());
        let key = MasterKey::from_bytes(bytes);
        memory.secrets.insert(KEY, &key.to_text());
        let ring = Rc::new(KeyRing::new(domain, key, None));
        let upstream = Rc::new(Upstream { answer, sent: RefCell::default() });
        Self { domain: domain.to_owned(), memory, ring, random, recorder: Arc::default(), upstream }
    }

    /// What its configuration is compiled with: keys in the files hold, and values in them are not shown.
    pub fn protection(&self) -> impl Protect + '_ {
        Named(WithKeys { ring: &self.ring, random: &self.random })
    }

    /// What the upstreams say, where that was told.
    pub(super) fn answer(&self) -> Option<&str> {
        self.upstream.answer.as_deref()
    }

    /// Without anybody who listens.
    pub(super) fn platform(&self) -> Platform {
        let store = NamedSecrets { ring: self.ring.clone(), random: self.random.clone(), others: self.memory.store.clone() };
        let platform = self.memory.platform(self.upstream.clone(), Rc::new(self.random.clone()), CAPABILITIES);
        let processors: Rc<dyn ProcessorClient> = Rc::new(Processors(self.upstream.clone()));
        Platform { store: Rc::new(store), processors: Some(processors), ..platform }
    }

    pub(super) fn listening(&self) -> Platform {
        Platform { listener: Some(self.recorder.clone()), ..self.platform() }
    }

    /// The requests that would have gone out.
    pub(super) fn sent(&self) -> Vec<Value> {
        self.upstream.sent.borrow().clone()
    }
}

/// As what is in the store: the name of a value in its place.
struct Named<'w>(WithKeys<'w>);

impl Protect for Named<'_> {
    fn seal(&self, name: &SecretName, _: &[u8]) -> Result<String, String> {
        self.0.seal(name, mark(name).as_bytes())
    }

    fn digest(&self, key: &str) -> String {
        self.0.digest(key)
    }
}

/// What stands in the place of a secret.
fn mark(name: &SecretName) -> String {
    format!("<secret:{}>", name.as_str())
}

/// Gives every secret the value `<secret:NAME>`, so that a request shows where it goes and nothing else.
struct NamedSecrets {
    ring: Rc<KeyRing>,
    random: OperatingSystemRandom,
    others: Rc<MemoryStore>,
}

impl KeyValueStore for NamedSecrets {
    fn get<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        let name = key.strip_prefix("secret/").and_then(|name| SecretName::parse(name).ok());
        let Some(name) = name else { return self.others.get(key) };
        let value = SecretValue::new(mark(&name).into_bytes());
        let sealed = seal(&self.ring, &self.random, &name, &value).map_err(|error| StoreError(error.to_string()));
        Box::pin(async move { Ok(Some(sealed?.into_bytes())) })
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], expires_in: Option<Duration>) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        self.others.put(key, value, expires_in)
    }

    fn delete<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        self.others.delete(key)
    }

    fn reuse_for(&self) -> Duration {
        Duration::ZERO
    }
}

/// Answers whatever is asked, as a token endpoint or a processor would: what comes after the answer is then shown too.
struct Upstream {
    /// What it says to all but a token's or a processor's request.
    answer: Option<String>,
    sent: RefCell<Vec<Value>>,
}

const ANSWER: &str = r#"{"access_token":"<token>","token_type":"Bearer","expires_in":3600}"#;

impl HttpClient for Upstream {
    fn send(&self, request: http::Request<Body>, options: SendOptions) -> LocalBoxFuture<'_, Result<http::Response<Body>, HttpError>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.map_err(|error| HttpError::RequestBody(error.to_string()))?.to_bytes();
            self.sent.borrow_mut().push(exchange::sent(&head, &body, options.host));
            let is_form = head.headers.get(CONTENT_TYPE).is_some_and(|value| value == "application/x-www-form-urlencoded");
            let given = self.answer.as_ref().filter(|_| !is_form).cloned();
            let answer = passing(&body).map_or_else(|| given.unwrap_or_else(|| ANSWER.to_owned()), |answer| answer.to_string());
            let is_json = serde_json::from_str::<Value>(&answer).is_ok();
            let kind = if is_json { "application/json" } else { "text/plain" };
            let response = http::Response::builder().header(CONTENT_TYPE, kind).body(Body::from(answer));
            response.map_err(|error| HttpError::Broken(error.to_string()))
        })
    }
}
