//! Sockets on loopback, for hosts that speak HTTP: the fake upstreams as servers, and a client that sends what it is told.

mod client;
mod raw;
mod upstream;

pub use client::Client;
pub use upstream::expose;
