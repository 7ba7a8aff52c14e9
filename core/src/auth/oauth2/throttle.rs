//! Guessing a secret of 256 bits is hopeless; what is limited is the work that trying makes.

use std::time::Duration;

use super::{Call, Refusal};
use crate::limit::address;
use crate::platform::{CounterSeries, StoreError};

/// Windows are fixed: a burst across the edge of two may have twice the limit, which is of no use to anybody.
const WINDOW: Duration = Duration::from_secs(60);

/// Counts a request of an address.
pub(super) async fn by_address(call: &Call<'_>) -> Result<(), Refusal> {
    admit(call, "address", &address(call.address)).await
}

/// Counts a request of a client that exists. Counting whatever a caller invents would let it fill the store.
pub(super) async fn by_client(call: &Call<'_>, client_id: &str) -> Result<(), Refusal> {
    admit(call, "client", client_id).await
}

async fn admit(call: &Call<'_>, dimension: &str, principal: &str) -> Result<(), Refusal> {
    let (platform, owner) = (call.platform, format!("{}/{dimension}", call.endpoint));
    let now = platform.clock.now();
    let series = CounterSeries::new("oauth2", &owner, principal, WINDOW);
    let window = series.number(now);
    let ends = series.start(window + 1);
    let count = platform.counters.increment(&series.counter(window), 1, ends).await.map_err(|error| StoreError(error.0))?;
    if count == 1 {
        // For stores that forget nothing by themselves. That it fails only leaves a counter behind.
        let _ = platform.counters.remove(&series.counter(window.saturating_sub(1))).await;
    }
    if count <= i64::from(call.limit()) { Ok(()) } else { Err(Refusal::TooMany { retry_after: ends.since(now).as_secs() }) }
}
