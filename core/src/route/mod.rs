//! Which Service, or which endpoint of the gateway's own, a request is for: by the host, by `/-/name/`, and by the routes of Services.
//! Pure, and bounded: a request costs the routes that can be meant by its host and the first segment of its path, and regular
//! expressions are linear.

mod asked;
mod compile;
mod find;
mod host_pattern;
mod hosts;
mod index;
mod matcher;
mod path;
mod pattern;
mod rank;
#[cfg(test)]
mod tests;

use std::fmt;

pub use asked::Asked;
pub use compile::Routes;
pub use hosts::{HEALTH, Hosts, Route, host_of};
pub use index::{Found, RouteIndex, alternatives, hosts, index};
pub use path::Prefix;
pub use pattern::Pattern;
pub use rank::Rank;

/// The route that a request took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// Its name, or its place in the list.
    pub label: String,
    /// The place of the configuration that it names; `None` where the Service's rules choose.
    pub config: Option<usize>,
    /// What of the path it was chosen by; `None` where that was the whole path, or none of it.
    pub prefix: Option<Prefix>,
}

/// Why no route is chosen. The text is for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Another reading of the path leads to another route.
    Ambiguous,
    /// The regular expressions would have too much to read.
    TooLong,
    /// The index was written by another version.
    Unreadable,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refused::Ambiguous => "The path can be read in more than one way, and that would change where the request goes.",
            Refused::TooLong => "The path, a header or a parameter is too long for the rules that choose where the request goes.",
            Refused::Unreadable => "The routes of the configuration cannot be read.",
        })
    }
}
