//! Whole requests on the memory platform.

mod answers;
mod attempts;
#[cfg(all(feature = "ai-providers", feature = "json-schema", feature = "routing"))]
mod budget;
#[cfg(feature = "containers")]
mod containers;
mod fixture;
mod grpc;
mod hostile;
mod log;
mod passes;
mod refusals;
mod reload;
mod requests;
#[cfg(feature = "otlp")]
mod telemetry;
