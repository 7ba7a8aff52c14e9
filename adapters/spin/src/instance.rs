//! What an instance keeps from one request to the next: the gateway with its configuration.

use std::cell::OnceCell;

use postern_core::gateway::{Gateway, Settings};
use postern_core::platform::LogSink;
use postern_core::snapshot::Snapshot;
use postern_core::telemetry::panicked;
use serde_json::json;

use crate::platform::{Spin, variable};

/// Where `spin.toml` mounts what `postern build` wrote.
const SNAPSHOT: &str = "/snapshot.json";

/// Bytes of a request's body that rules may read, unless the configuration says otherwise.
const MAX_REQUEST_SIZE: u64 = 4 * 1024 * 1024;

thread_local! {
    static GATEWAY: OnceCell<Gateway> = const { OnceCell::new() };
}

/// The gateway, made by the first request. Failure is not kept: it costs only an instance that serves nothing.
///
/// # Errors
/// The Snapshot is absent or broken. The text is for the log.
pub async fn gateway() -> Result<Gateway, String> {
    if let Some(gateway) = GATEWAY.with(|cell| cell.get().cloned()) {
        return Ok(gateway);
    }
    let region = variable("postern_region").await;
    let base_url = variable("postern_url").await;
    // Requests that came while those were read may have made it.
    if let Some(gateway) = GATEWAY.with(|cell| cell.get().cloned()) {
        return Ok(gateway);
    }
    std::panic::set_hook(Box::new(|panic| {
        Spin.write(&json!({"kind": "ComponentLog", "level": "error", "message": panicked(panic)}).to_string())
    }));
    let text = std::fs::read_to_string(SNAPSHOT)
        .map_err(|error| format!("there is no configuration at {SNAPSHOT} ({error}): run `postern build`, and mount its snapshot.json"))?;
    let snapshot = Snapshot::from_json(&text)?;
    let gateway = Gateway::new(snapshot, Settings { region, base_url, max_request_size: MAX_REQUEST_SIZE });
    Ok(GATEWAY.with(|cell| cell.get_or_init(|| gateway).clone()))
}
