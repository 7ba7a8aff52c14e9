//! Postern without a host.

pub mod auth;
pub mod body;
pub mod error;
pub mod json;
pub mod compile;
pub mod platform;
pub mod problem;
pub mod receive;
pub mod resource;
pub mod route;
pub mod secret;
pub mod snapshot;
pub mod telemetry;

#[cfg(test)]
mod testing;
