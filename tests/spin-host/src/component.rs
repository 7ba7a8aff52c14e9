use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use wasmtime::component::Linker;
use wasmtime::{Config, Engine};
use wasmtime_wasi_http::p3::bindings::ServicePre;

use crate::bindings::{spin, wasi};
use crate::server::Server;
use crate::state::{HasState, State};
use crate::{App, Running};

/// A compiled component. Compiling takes seconds, starting an application from it less than a millisecond.
#[derive(Clone)]
pub struct Component(ServicePre<State>);

impl Component {
    /// Compiles a component and checks that this host has all that it imports.
    ///
    /// # Errors
    /// The file cannot be read, is no component, or imports what Spin does not have.
    pub fn load(path: &Path) -> Result<Self> {
        Self::compile(path).map_err(|error| anyhow::anyhow!("{error:#}")).with_context(|| path.display().to_string())
    }

    /// Serves an application on an address of this machine; port 0 takes a free one. Must be called within a tokio runtime of
    /// several threads.
    ///
    /// # Errors
    /// The address is taken, a file cannot be copied, or `allowed_outbound_hosts` has an error.
    pub async fn start(&self, app: App, listen: &str) -> Result<Running> {
        Server::start(self.0.clone(), Arc::new(app), listen).await
    }

    fn compile(path: &Path) -> wasmtime::Result<Self> {
        let mut config = Config::new();
        config.wasm_component_model_async(true);
        let engine = Engine::new(&config)?;
        let component = wasmtime::component::Component::from_file(&engine, path)?;
        Ok(Self(ServicePre::new(linker(&engine)?.instantiate_pre(&component)?)?))
    }
}

fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    spin::key_value::key_value::add_to_linker::<_, HasState>(&mut linker, |state| state)?;
    spin::variables::variables::add_to_linker::<_, HasState>(&mut linker, |state| state)?;
    wasi::keyvalue::store::add_to_linker::<_, HasState>(&mut linker, |state| state)?;
    wasi::keyvalue::atomics::add_to_linker::<_, HasState>(&mut linker, |state| state)?;
    wasi::keyvalue::batch::add_to_linker::<_, HasState>(&mut linker, |state| state)?;
    Ok(linker)
}
