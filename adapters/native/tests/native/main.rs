//! The native host on loopback sockets, with a handler that passes everything through.

// Clippy knows tests by their attribute; what they share is test code, too.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod abort;
mod connect_to;
mod fixture;
mod gateway;
mod http2;
mod http2_floods;
mod limits;
mod messages;
mod pool;
mod publish_under_load;
mod reload;
mod shutdown;
mod streaming;
mod telemetry;
mod tls;
mod websocket;
