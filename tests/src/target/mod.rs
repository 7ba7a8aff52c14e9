//! The hosts.

mod native;

pub use native::NativeTarget;
