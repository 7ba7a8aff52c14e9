//! Postern as a Cloudflare Worker.
//!
//! The shim in `worker/` owns every object of the runtime: requests, responses, `fetch`, KV, Durable Objects, the clock. This
//! module decides. The two talk by messages: the shim starts a task for each request; whenever the core awaits something of the
//! [`Platform`](postern_core::platform::Platform), the task stops with one [`Command`](command::Command), and the shim resumes
//! it with the answer. So the core's async functions run here as they do on every other host, while a request costs two
//! crossings of the boundary and one more for each thing that the core asks for.
#![cfg_attr(not(target_family = "wasm"), allow(dead_code))]

#[cfg(target_family = "wasm")]
mod abi;
mod body;
mod command;
mod headers;
mod host;
mod instance;
mod message;
mod platform;
mod responses;
mod task;
