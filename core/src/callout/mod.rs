//! Calls that plugins make beside the request itself, and where these may go: only to origins that the configuration writes out.
//!
//! An origin (RFC 6454 §4) may be called when it stands as a string in the script that calls it, when it is an upstream of the
//! same Service, or when the Gateway's `callouts.allow` lists it. Nothing that a caller sends can add one. So an address of a
//! private network is reached only where an operator wrote that very address; a name is trusted with whatever it resolves to, as
//! the hosts at the edge do not tell what that is.

mod callouts;
mod gather;
mod host;
mod origin;
mod origins;
mod redirect;
mod send;

pub use callouts::{CalloutError, Callouts, Limits, Refused};
pub use gather::{of_config, outbound, upstreams};
pub use origin::{Origin, OriginFault};
pub use origins::Origins;
