//! `wasm-bindgen` itself, of the locked version: the benchmark builds its bare Worker with it.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(std::env::args_os())
}
