//! Runs an unmodified Spin component on wasmtime, with the interfaces, limits and habits of Spin 4.1, for tests and benchmarks
//! where there is no `spin` binary.
//!
//! Like Spin: `wasi:http/handler@0.3.0` with instance reuse (128 requests, 16 at once, 1 s idle), the nine forbidden headers,
//! the `spin-*` request headers, `allowed_outbound_hosts`, `spin:key-value`, `spin:variables`, `wasi:keyvalue`, read-only files,
//! a pool of upstream connections.
//! Unlike Spin: stores live in memory, one HTTP component with the route `/...`, no TLS on either side, no self requests or
//! service chaining, no SQL, Redis or telemetry.

mod allowed_hosts;
mod app;
mod bindings;
mod component;
mod files;
mod handler;
mod inbound;
mod key_value;
mod manifest;
mod outbound;
mod server;
mod state;
mod template;
mod variables;

pub use app::{App, FileContent, Output};
pub use component::Component;
pub use key_value::Stores;
pub use manifest::Manifest;
pub use server::Running;
