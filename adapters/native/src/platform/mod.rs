//! The small parts of the platform.

mod clock;
mod counters;
mod random;
mod secrets;
mod tasks;

pub use clock::SystemClock;
pub use counters::Counters;
pub use random::OperatingSystemRandom;
pub use secrets::EnvironmentSecrets;
pub(crate) use tasks::LocalTasks;

use postern_core::platform::{Capabilities, Capability};

/// All but a clock that can be moved, and 1xx responses, which hyper's server cannot send.
pub const CAPABILITIES: Capabilities = Capabilities::none()
    .with(Capability::WebSocket)
    .with(Capability::Grpc)
    .with(Capability::HostOverride)
    .with(Capability::UnknownMethods)
    .with(Capability::RepeatedHeaderLines)
    .with(Capability::ByteCount)
    .with(Capability::EarlyAbort);
