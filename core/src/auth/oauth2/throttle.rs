//! Guessing a secret of 256 bits is hopeless; what is limited is the work that trying makes.

use std::net::IpAddr;
use std::time::Duration;

use super::{Call, Refusal};
use crate::platform::CounterSeries;

/// Windows are fixed: a burst across the edge of two may have twice the limit, which is of no use to anybody.
const WINDOW: Duration = Duration::from_secs(60);

/// Counts a request of an address. An IPv6 client owns a /64 at least, so that is what counts.
pub(super) async fn by_address(call: &Call<'_>) -> Result<(), Refusal> {
    let principal = match call.address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => format!("{:x}/64", address.to_bits() >> 64),
        None => String::from("unknown"),
    };
    admit(call, "address", &principal).await
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
    let count = platform.counters.increment(&series.counter(window), 1, ends).await.map_err(|_| Refusal::Unavailable)?;
    if count == 1 {
        // For stores that forget nothing by themselves. That it fails only leaves a counter behind.
        let _ = platform.counters.remove(&series.counter(window.saturating_sub(1))).await;
    }
    if count <= i64::from(call.limit()) { Ok(()) } else { Err(Refusal::TooMany { retry_after: ends.since(now).as_secs() }) }
}
