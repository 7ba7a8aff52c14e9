//! Postern without a host.

pub mod auth;
pub mod platform;
pub mod resource;
pub mod secret;
pub mod snapshot;
