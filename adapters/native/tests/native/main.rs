//! The native host on loopback sockets, with a handler that passes everything through.

mod abort;
mod connect_to;
mod fixture;
mod limits;
mod messages;
mod pool;
mod reload;
mod shutdown;
mod streaming;
mod tls;
mod websocket;
