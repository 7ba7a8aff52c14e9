//! What becomes of a request, and why, without anything being sent: the gateway itself, in memory, with somebody who listens.

mod caller;
mod exchange;
mod foreign;
mod processor;
mod recorder;
mod render;
mod world;

pub use caller::{Caller, Known};
pub use foreign::Foreign;
pub use render::text;
pub use world::World;

use std::net::IpAddr;

use anyhow::{Context, Result, anyhow};
use postern_cases::format::Request;
use postern_core::gateway::{Client, Gateway, Incoming, Settings};
use postern_core::platform::Capabilities;
use postern_core::snapshot::Snapshot;
use serde_json::Value;

/// Where the request comes from, and where the gateway stands.
pub struct Surroundings {
    pub address: IpAddr,
    pub region: Option<String>,
}

/// Bytes of a body that rules may read when the configuration does not say, as on the native host.
const MAX_REQUEST_SIZE: u64 = 32 << 20;

/// Every step of the request, then what would be sent to the upstream, then the answer: a list of objects that each name their `step`.
///
/// # Errors
/// When the request cannot be made, or nobody can be the caller.
pub async fn explain(
    world: &World,
    snapshot: Snapshot,
    request: &Request,
    caller: Option<&Caller>,
    surroundings: Surroundings,
) -> Result<Vec<Value>> {
    let snapshot = match caller {
        Some(caller) => caller.admitted_by(snapshot)?,
        None => snapshot,
    };
    let domain = snapshot.domain.clone();
    let settings = Settings { region: surroundings.region, base_url: None, max_request_size: MAX_REQUEST_SIZE };
    let client = Client { ip: Some(surroundings.address), version: http::Version::HTTP_11 };
    let gateway = Gateway::new(snapshot, settings);
    let token = match caller {
        Some(caller) => Some(("authorization".to_owned(), format!("Bearer {}", caller.token(world, &gateway, client).await?))),
        None => None,
    };
    let request = postern_cases::to_http(request, &domain, token).map_err(|why| anyhow!(why)).context("the request cannot be made")?;
    let mut steps = vec![exchange::received(&request)];
    let response = gateway.handle(&world.listening(), Incoming { request, client }).await;
    steps.extend(world.recorder.take());
    steps.extend(world.sent());
    steps.push(exchange::answered(response, world).await);
    Ok(steps)
}

/// What the hosts of this version can do, all together: explaining is for configurations of any of them.
const CAPABILITIES: Capabilities = Capabilities::NATIVE;
