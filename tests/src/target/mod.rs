//! The hosts.

mod native;
mod spin;
mod workerd;

pub use native::NativeTarget;
pub use spin::SpinTarget;
pub use workerd::WorkerdTarget;

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
