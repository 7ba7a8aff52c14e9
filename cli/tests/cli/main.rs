//! The built tool, in folders of its own: what it writes, prints and refuses.

// Clippy knows tests by their attribute; what they share is test code, too.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod apply;
mod build;
mod build_secrets;
mod check;
mod cloudflare;
mod common;
mod credential;
mod explain;
mod import;
mod key;
mod secret;
mod serve;
mod spin;
mod test;
mod usage;
