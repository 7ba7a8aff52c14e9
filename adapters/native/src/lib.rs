//! Postern's native host: hyper on one current-thread runtime per core, an upstream connection pool per thread, and SQLite as the
//! store. It decides nothing about requests; what it serves is a [`Handler`].
//!
//! Informational responses: hyper answers `Expect: 100-continue` itself when the body is first read, swallows the upstream's 1xx,
//! and cannot send one of its own.

mod client;
mod connect_to;
pub mod data;
mod executor;
mod file_watch;
mod framing;
mod handler;
mod log;
mod options;
mod platform;
mod processor;
mod server;
pub mod store;

pub use client::{ClientSettings, NativeClient};
pub use connect_to::ConnectTo;
pub use file_watch::{Watcher, watch_paths};
pub use handler::Handler;
pub use log::Log;
pub use options::{Limits, Options};
pub use platform::{Counters, EnvironmentSecrets, OperatingSystemRandom, SystemClock};
pub use server::{Running, ServeError, serve};
/// The channel that Snapshots come through.
pub use tokio::sync::watch;
pub use tokio_util::sync::CancellationToken;
