//! Postern without a host.

pub mod platform;
pub mod resource;
pub mod snapshot;
