use http::Response;
use postern_core::gateway::{Gateway, Settings};
use postern_core::platform::{Body, Platform};
use postern_core::receive::Incoming;
use postern_core::snapshot::Snapshot;

/// What answers requests: the [`Gateway`], or what stands in for it in a test of this host. Each thread builds its own, so it needs
/// no locks.
pub trait Handler: Sized + 'static {
    /// Builds the handler from a Snapshot's JSON.
    ///
    /// # Errors
    /// The text says why the Snapshot cannot be served; it is for the operator.
    fn build(snapshot: &str, settings: &Settings) -> Result<Self, String>;

    /// Answers one request. The future is dropped when the client goes away.
    fn handle(&self, platform: &Platform, incoming: Incoming) -> impl Future<Output = Response<Body>>;
}

impl Handler for Gateway {
    fn build(snapshot: &str, settings: &Settings) -> Result<Self, String> {
        Ok(Gateway::new(Snapshot::from_json(snapshot)?, settings.clone()))
    }

    async fn handle(&self, platform: &Platform, incoming: Incoming) -> Response<Body> {
        Gateway::handle(self, platform, incoming).await
    }
}
