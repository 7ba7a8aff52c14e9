//! Bounds the module's memory. An isolate has 128 MB for everything; one that passes them is killed with every request and
//! stream in it, while a module that cannot grow only traps, and is replaced.

fn main() {
    const MAX_MEMORY: usize = 64 << 20;
    if std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo::rustc-cdylib-link-arg=--max-memory={MAX_MEMORY}");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
