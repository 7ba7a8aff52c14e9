//! Postern without a host.

pub mod json;
pub mod platform;
pub mod problem;
pub mod resource;
pub mod snapshot;
