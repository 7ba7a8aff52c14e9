//! May this caller do this? Rules of all policies that apply, ranked in one list; the first that matches decides.

mod attach;
mod builtin;
mod compiled;
mod decide;
#[cfg(test)]
mod property;
#[cfg(test)]
mod tests;

pub use attach::{Attached, Owner, PolicyBook, UnknownPolicy, ancestors};
pub use builtin::is_builtin;
pub use compiled::Policy;
pub use decide::{Decision, decide};
