//! The least that a Worker in Rust does: the request goes to an origin, and the answer back, as objects of the runtime whose headers and
//! bodies never enter WebAssembly. `bench/workerd/bare-rust.js` calls it.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    pub type Request;

    /// Of a `Response`.
    pub type Promise;

    #[wasm_bindgen(method, getter)]
    fn url(this: &Request) -> String;

    /// The second stands where an `init` would: it brings method, headers and body.
    fn fetch(url: &str, request: &Request) -> Promise;
}

#[wasm_bindgen]
pub fn forward(request: &Request, upstream: &str) -> Promise {
    let url = request.url();
    let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let path = rest.find('/').and_then(|start| rest.get(start..)).unwrap_or("/");
    fetch(&format!("{upstream}{path}"), request)
}
