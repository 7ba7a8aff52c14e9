//! Postern without a host.

pub mod auth;
pub mod body;
mod check;
pub mod compile;
pub mod condition;
pub mod context;
pub mod error;
pub mod expression;
pub mod gateway;
pub mod json;
pub mod platform;
pub mod policy;
pub mod problem;
pub mod publish;
pub mod receive;
pub mod resource;
pub mod route;
pub mod secret;
pub mod service;
pub mod snapshot;
pub mod telemetry;
pub mod upstream;

#[cfg(test)]
mod testing;
