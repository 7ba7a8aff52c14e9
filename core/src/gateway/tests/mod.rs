//! Whole requests on the memory platform.

mod answers;
mod fixture;
mod log;
mod refusals;
mod reload;
mod requests;
