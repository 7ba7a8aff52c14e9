//! The hosts.

mod native;
mod workerd;

pub use native::NativeTarget;
pub use workerd::WorkerdTarget;

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
