use std::sync::Arc;

use wasmtime::component::{HasData, ResourceTable};
use wasmtime_wasi::p2::OutputStream;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{DirPerms, FilePerms, WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::WasiHttpCtx;
use wasmtime_wasi_http::p3::{WasiHttpCtxView, WasiHttpView};

use crate::files::Files;
use crate::outbound::Outbound;
use crate::{App, Output};

/// What one instance of the component has on the host's side.
pub struct State {
    pub table: ResourceTable,
    pub app: Arc<App>,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
}

/// Says that Spin's interfaces are implemented on [`State`] itself.
pub struct HasState;

/// Output of all instances of an application.
#[derive(Clone)]
pub struct Captured {
    pub stdout: MemoryOutputPipe,
    pub stderr: MemoryOutputPipe,
}

impl State {
    pub fn new(app: Arc<App>, files: &Files, captured: &Captured, outbound: Outbound) -> wasmtime::Result<Self> {
        let mut wasi = WasiCtx::builder();
        if let Some(folder) = files.folder() {
            wasi.preopened_dir(folder, "/", DirPerms::READ, FilePerms::READ)?;
        }
        match app.output {
            Output::Inherit => wasi.inherit_stdout().inherit_stderr(),
            Output::Capture => wasi.stdout(captured.stdout.clone()).stderr(captured.stderr.clone()),
        };
        Ok(Self { table: ResourceTable::new(), wasi: wasi.build(), http: WasiHttpCtx::new(), app, outbound })
    }
}

impl Captured {
    pub fn new() -> Self {
        Self { stdout: MemoryOutputPipe::new(usize::MAX), stderr: MemoryOutputPipe::new(usize::MAX) }
    }

    /// Says what went wrong on the host's side, where a test that failed shows it and the component's own errors are.
    pub fn report(&self, message: &str) {
        eprintln!("{message}");
        // The pipe has no limit that could refuse this.
        let _ = self.stderr.clone().write(format!("{message}\n").into());
    }
}

impl HasData for HasState {
    type Data<'a> = &'a mut State;
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.outbound, table: &mut self.table, ctx: &mut self.http }
    }
}
