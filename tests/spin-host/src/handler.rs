//! Instances: how they are made, how many requests one serves, when it goes.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::time::Sleep;
use wasmtime::component::GuestTaskId;
use wasmtime::{Store, StoreContextMut};
use wasmtime_wasi_http::handler::{HandlerState, Instance, Proxy, ShouldAccept, ViewFn, WorkerExpiration, WorkerState, WorkerStatus};
use wasmtime_wasi_http::p3::WasiHttpView;
use wasmtime_wasi_http::p3::bindings::ServicePre;

use crate::App;
use crate::files::Files;
use crate::outbound::Outbound;
use crate::state::{Captured, State};

// Spin 4.1's defaults of --max-instance-reuse-count, --max-instance-concurrent-reuse-count and --idle-instance-timeout.
const REQUESTS_OF_AN_INSTANCE: usize = 128;
const REQUESTS_AT_ONCE: usize = 16;
const IDLE: Duration = Duration::from_secs(1);

/// Makes an application's instances.
pub struct Instances {
    pub pre: ServicePre<State>,
    pub app: Arc<App>,
    pub files: Files,
    pub captured: Captured,
    pub outbound: Outbound,
}

/// An instance goes when it was idle for a second. There is no limit on the time of a request, as in Spin by default.
pub struct Idle {
    timer: Pin<Box<Sleep>>,
    since: Option<Instant>,
}

/// How many requests an instance takes.
pub struct Reuse {
    captured: Captured,
}

impl HandlerState for Instances {
    type StoreData = State;
    type WorkerExpiration = Idle;
    type WorkerState = Reuse;

    async fn instantiate(&self) -> wasmtime::Result<Instance<State, Idle, Reuse>> {
        let state = State::new(self.app.clone(), &self.files, &self.captured, self.outbound.clone())?;
        let mut store = Store::new(self.pre.engine(), state);
        let service = self.pre.instantiate_async(&mut store).await?;
        Ok(Instance {
            store,
            proxy: Proxy::P3(service),
            view: ViewFn::P3(State::http),
            expiration: Idle { timer: Box::pin(tokio::time::sleep(IDLE)), since: None },
            state: Reuse { captured: self.captured.clone() },
        })
    }
}

impl WorkerExpiration for Idle {
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>, status: WorkerStatus, start: Instant) -> Poll<()> {
        if status != WorkerStatus::Idle {
            return Poll::Pending;
        }
        if self.since != Some(start) {
            self.since = Some(start);
            self.timer.as_mut().reset((start + IDLE).into());
        }
        self.timer.as_mut().poll(cx)
    }
}

impl WorkerState for Reuse {
    type StoreData = State;
    type RequestId = ();

    fn should_accept_request(&self, at_once: usize, in_all: usize) -> ShouldAccept {
        match () {
            () if in_all >= REQUESTS_OF_AN_INSTANCE => ShouldAccept::Never,
            () if at_once >= REQUESTS_AT_ONCE => ShouldAccept::No,
            () => ShouldAccept::Yes,
        }
    }

    fn on_request_start(
        &self,
        _store: StoreContextMut<'_, State>,
        (): (),
        _task: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        Box::pin(std::future::pending())
    }

    fn drop(&self, _store: Store<State>, result: wasmtime::Result<()>) {
        if let Err(error) = result {
            self.captured.report(&format!("an instance failed: {error:#}"));
        }
    }
}
