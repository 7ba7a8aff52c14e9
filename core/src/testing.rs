//! What unit tests share.

use http::HeaderMap;

use crate::context::Request;
use crate::platform::SecureRandom;

// The attribute: Rust's own, and wasm-bindgen's where tests run under Node.
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
pub use core::prelude::v1::test;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
pub use wasm_bindgen_test::wasm_bindgen_test as test;

/// Randomness that is all sevens.
pub struct Sevens;

impl SecureRandom for Sevens {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

/// A request with nothing in it.
pub fn bare(headers: &HeaderMap) -> Request<'_> {
    Request {
        method: "GET",
        path: "/",
        uri: "/",
        host: "h",
        scheme: "",
        query: "",
        headers,
        ip: None,
        size: None,
        body: None,
        body_map: None,
    }
}
