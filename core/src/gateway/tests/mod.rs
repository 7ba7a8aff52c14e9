//! Whole requests on the memory platform.

mod answers;
mod fixture;
mod hostile;
mod log;
mod refusals;
mod reload;
mod requests;
mod telemetry;
