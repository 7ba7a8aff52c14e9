//! The attribute of the core's unit tests: Rust's own, and wasm-bindgen's where tests run under Node.

#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
pub use core::prelude::v1::test;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
pub use wasm_bindgen_test::wasm_bindgen_test as test;
