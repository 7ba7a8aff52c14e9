//! Postern without a host.

pub mod compile;
pub mod platform;
pub mod problem;
pub mod resource;
pub mod snapshot;
