//! Postern without a host.

pub mod platform;
pub mod problem;
pub mod resource;
pub mod snapshot;
