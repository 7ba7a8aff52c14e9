//! The hosts.

mod native;
mod spin;
mod workerd;

pub use native::NativeTarget;
pub use spin::SpinTarget;
pub use workerd::WorkerdTarget;

use postern_cases::format::Abilities;
use postern_cases::memory::MemoryTarget;

/// What the hosts can do that the suite runs on.
pub const HOSTS: [Abilities; 4] = [MemoryTarget::ABILITIES, NativeTarget::ABILITIES, SpinTarget::ABILITIES, WorkerdTarget::ABILITIES];

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
