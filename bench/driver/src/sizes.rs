//! How large the WebAssembly of each host is, as it is built now.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::options::Host;

pub struct Size {
    pub name: &'static str,
    pub raw: usize,
    /// By gzip at its best level.
    pub gzip: usize,
}

/// What Postern and the bare programs are in WebAssembly. Nothing for the native host.
///
/// # Errors
/// When one of them is not built.
pub fn measure(host: Host, root: &Path) -> Result<Vec<Size>> {
    let modules: &[(&str, &str)] = match host {
        Host::Native => &[],
        Host::Workerd => &[("bare Rust", BARE_WORKER), ("Postern, with everything", "target/postern/worker/postern.wasm")],
        Host::Spin => &[
            ("bare", "target/wasm32-wasip2/release/postern_bench_spin_passthrough.wasm"),
            ("Postern, with everything", "target/wasm32-wasip2/release/postern_spin.wasm"),
        ],
    };
    modules.iter().map(|&(name, path)| size(name, &root.join(path))).collect()
}

/// What wasm-bindgen made of `bench/workerd-passthrough`.
pub const BARE_WORKER: &str = "target/postern/bench-worker/postern_bench_workerd_passthrough_bg.wasm";

pub fn json(sizes: &[Size]) -> Value {
    sizes.iter().map(|size| json!({ "name": size.name, "raw": size.raw, "gzip": size.gzip })).collect()
}

fn size(name: &'static str, path: &Path) -> Result<Size> {
    let module = std::fs::read(path).with_context(|| path.display().to_string())?;
    Ok(Size { name, raw: module.len(), gzip: gzipped(&module)? })
}

fn gzipped(module: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(module)?;
    Ok(encoder.finish()?.len())
}
