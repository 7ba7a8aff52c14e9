//! Whole requests on the memory platform.

mod answers;
mod attempts;
mod containers;
mod fixture;
mod grpc;
mod hostile;
mod log;
mod refusals;
mod reload;
mod requests;
#[cfg(feature = "otlp")]
mod telemetry;
