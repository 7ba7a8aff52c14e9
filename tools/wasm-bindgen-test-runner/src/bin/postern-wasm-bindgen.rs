//! The program `wasm-bindgen`, of the locked version: the benchmark builds its bare Worker with it. rustc takes a crate of that name for an
//! old version of the library, so this one has another.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(std::env::args_os())
}
