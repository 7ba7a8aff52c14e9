//! Strict JSON for request bodies. Two parsers that read one body differently are a policy bypass: the gateway decides on one
//! reading and the upstream acts on the other. So the whole text is checked in one pass, and anything that parsers are known to
//! read differently is refused, while only the members that some rule asks for are built.

mod edit;
mod projection;
mod read;
mod refusal;

pub use edit::{member, set_members};
pub use projection::Projection;
pub use read::{MAX_DEPTH, read, read_any};
pub use refusal::JsonRefusal;

#[cfg(test)]
mod property;
