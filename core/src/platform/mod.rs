//! What a host must supply. Everything that touches the outside world is a field of [`Platform`]; a test replaces one field.
//!
//! Futures need not be `Send`: Workers and Spin are single-threaded, and the native host runs one current-thread runtime per
//! core. A `Platform` is made for each request and never stored, because on Workers the objects behind it belong to that request.

mod body;
mod cache;
mod capability;
mod clock;
mod counter;
mod deadlines;
mod http_client;
mod key_value;
pub mod memory;
pub mod processor;
mod secret_store;

use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crate::explain::{Listener, Step};

pub use body::{Body, BodyError, BoxBody, OpaqueBody, has_no_body, is_complete};
pub use cache::{BoundedResponses, CacheError, CacheKey, Fetching, Keeping, Kept, KeptHead, ResponseCache, SlottedResponses, Turn};
pub use capability::{Capabilities, Capability};
pub use clock::{Clock, Timestamp};
pub use counter::{
    Attempts, CounterError, CounterKey, CounterSeries, CounterStore, Increments, Precision, REACH, RecentAttempts, count_by_increments,
    is_spent,
};
pub use deadlines::Deadlines;
pub use http_client::{ContainerCall, ContainerStart, HttpClient, HttpError, SendOptions};
pub use key_value::{KeyValueStore, StoreError};
pub use secret_store::{PlatformSecret, SecretStore};

/// A future that stays on its thread.
pub type LocalBoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// The host, as one request sees it.
#[derive(Clone)]
pub struct Platform {
    /// Calls upstreams.
    pub http: Rc<dyn HttpClient>,
    /// Speaks gRPC to external processors, where the host can.
    pub processors: Option<Rc<dyn processor::ProcessorClient>>,
    /// Shared by all instances of a deployment.
    pub store: Rc<dyn KeyValueStore>,
    /// For limits.
    pub counters: Rc<dyn CounterStore>,
    /// Responses of upstreams, for plugins that ask for them again.
    pub cache: Rc<dyn ResponseCache>,
    /// The host's own secrets, such as environment variables.
    pub secrets: Rc<dyn SecretStore>,
    pub clock: Rc<dyn Clock>,
    pub random: Rc<dyn SecureRandom>,
    /// Work that goes on after the response has begun.
    pub tasks: Rc<dyn Tasks>,
    pub log: Rc<dyn LogSink>,
    /// What of the things that not every host can do this one can.
    pub capabilities: Capabilities,
    /// Hears of the steps of requests; hosts have none.
    pub listener: Option<Arc<dyn Listener>>,
}

impl Platform {
    /// Tells the listener, if there is one.
    pub fn tell<'s>(&self, step: impl FnOnce() -> Step<'s>) {
        if let Some(listener) = &self.listener {
            listener.step(&step());
        }
    }
}

impl Platform {
    /// Writes into the log what the operator should know, and no caller.
    pub fn warn(&self, message: &str) {
        self.log.write(&serde_json::json!({"kind": "ComponentLog", "level": "warn", "message": message}).to_string());
    }
}

/// Randomness fit for keys and tokens.
pub trait SecureRandom {
    /// Fills the whole buffer from the host's cryptographic source.
    fn fill(&self, buffer: &mut [u8]);
}

/// Work that outlives the response.
pub trait Tasks {
    /// Runs the future to its end after the response has been sent, as long as the host allows
    /// (Workers: 30 s after the response; the others: without a limit).
    fn wait_until(&self, task: LocalBoxFuture<'static, ()>);

    /// Waits so long; less where the host is about to stop.
    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()>;
}

/// Where finished log entries go.
pub trait LogSink {
    /// Writes one entry: a complete JSON document without a newline.
    fn write(&self, line: &str);
}
