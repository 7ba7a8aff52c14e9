//! The small parts of the platform.

mod clock;
mod counters;
mod random;
mod responses;
mod secrets;
mod tasks;

pub use clock::SystemClock;
pub use counters::Counters;
pub use random::OperatingSystemRandom;
pub(crate) use responses::Responses;
pub use secrets::EnvironmentSecrets;
pub(crate) use tasks::LocalTasks;
