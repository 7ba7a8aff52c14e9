use std::net::IpAddr;

use crate::callout::Callouts;
use crate::context::Context;
use crate::error::Shape;
use crate::platform::{Platform, Timestamp};
use crate::secret::Secrets;

/// What a plugin may ask while it runs.
pub struct Call<'a> {
    pub platform: &'a Platform,
    pub secrets: &'a Secrets,
    pub context: &'a Context<'a>,
    /// Where every plugin of the Service may call: its upstreams, and what the Gateway allows. A plugin adds what it names itself.
    pub callouts: Callouts<'a>,
    pub principal: Principal,
    pub scope: Scope,
    pub revision: Revision,
    /// When the phase began.
    pub now: Timestamp,
    /// What a refusal looks like to the caller.
    pub shape: Shape,
    /// The phase is `PRE_AUTH`.
    pub is_before_authentication: bool,
    /// A plugin will see the response's body piece by piece, and not keep it on the host's side.
    pub reads_pieces: bool,
}

/// Which configuration it is, for what is kept from one request to another: with another one, nothing is found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Revision {
    /// Of the Snapshot.
    pub generation: u64,
    /// SHA-256 of the Service's resource.
    pub service: [u8; 32],
}

/// Who calls, as counters and caches tell callers apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Principal {
    /// The uid of the session: the same for all tokens of a credential.
    pub session: Option<String>,
    /// The uid of the user.
    pub user: Option<String>,
    /// As the platform tells it.
    pub address: Option<IpAddr>,
}

/// Where a plugin stands, as counters and caches tell plugins apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// `name.namespace`.
    pub service: String,
    /// Empty for the default configuration.
    pub config: String,
    pub plugin: String,
}
