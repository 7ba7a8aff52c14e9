use std::net::IpAddr;

use http::{Request, Response, Version};
use postern_core::platform::{Body, Platform};

/// What answers requests. Each thread builds its own, so it needs no locks.
pub trait Handler: Sized + 'static {
    /// Builds the handler from a Snapshot's JSON.
    ///
    /// # Errors
    /// The text says why the Snapshot cannot be served; it is for the operator.
    fn build(snapshot: &str, settings: &Settings) -> Result<Self, String>;

    /// Answers one request. The future is dropped when the client goes away.
    fn handle(&self, platform: &Platform, incoming: Incoming) -> impl Future<Output = Response<Body>>;
}

/// A request as it arrived, with an absolute URI.
pub struct Incoming {
    pub request: Request<Body>,
    pub client: Client,
}

/// Who sent it, as the connection shows.
#[derive(Debug, Clone, Copy)]
pub struct Client {
    pub ip: Option<IpAddr>,
    pub version: Version,
}

/// What the host tells the core of itself.
#[derive(Debug, Clone)]
pub struct Settings {
    pub region: Option<String>,
    /// Where clients reach this host; `None` means the listener's address.
    pub base_url: Option<String>,
    /// Bytes of a request's body that may be read into memory.
    pub max_request_size: u64,
}

impl Default for Settings {
    /// No region, the listener's address, 32 MiB.
    fn default() -> Self {
        Self { region: None, base_url: None, max_request_size: 32 << 20 }
    }
}
