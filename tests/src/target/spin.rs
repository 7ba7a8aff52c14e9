use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use postern_cases::format::Abilities;
use postern_cases::target::{Answer, Call, Deployment, Exposed, Instance, Target};
use postern_cases::upstream::Upstreams;
use postern_core::callout;
use postern_core::platform::{Capabilities, LocalBoxFuture};
use postern_spin_host::{App, Component, FileContent, Running, Stores};
use tokio::runtime::Runtime;

use super::text;
use crate::harness::Missing;
use crate::network::{Client, expose};

/// The component that `spin.toml` names.
const COMPONENT: &str = "../target/wasm32-wasip2/release/postern_spin.wasm";

/// The built component on Spin's interfaces, in this process.
pub struct SpinTarget {
    component: Arc<Component>,
}

impl SpinTarget {
    /// What it can do.
    pub const ABILITIES: Abilities = Abilities {
        capabilities: Capabilities::SPIN,
        socket: true,
        own_http: false,
        connect: false,
        wire_headers: false,
        counter_outage: true,
        store_access: false,
        one_instance: false,
    };

    /// # Errors
    /// The component is not built.
    pub fn new() -> Result<Self, Missing> {
        // Compiled once for all threads, as that takes seconds.
        static LOADED: LazyLock<Result<Arc<Component>, String>> = LazyLock::new(|| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(COMPONENT);
            if !path.exists() {
                return Err("run `cargo build --release -p postern-spin --target wasm32-wasip2`".into());
            }
            Component::load(&path).map(Arc::new).map_err(|error| format!("the component does not load: {error:#}"))
        });
        LOADED.clone().map(|component| Self { component }).map_err(Missing)
    }
}

impl Target for SpinTarget {
    fn name(&self) -> &'static str {
        "spin"
    }

    fn abilities(&self) -> Abilities {
        Self::ABILITIES
    }

    fn expose(&self, upstreams: Rc<Upstreams>) -> LocalBoxFuture<'_, Result<Exposed, String>> {
        Box::pin(expose(upstreams))
    }

    fn start(&self, deployment: Deployment) -> LocalBoxFuture<'_, Result<Box<dyn Instance>, String>> {
        Box::pin(async move {
            let app = app(deployment)?;
            let component = self.component.clone();
            // The component's threads are its own: the cases' runtime has only one.
            let starting = runtime()?.spawn(async move { component.start(app, "127.0.0.1:0").await });
            let running = starting.await.map_err(text)?.map_err(|error| format!("{error:#}"))?;
            let client = Client::new(running.address());
            Ok(Box::new(SpinInstance { running, client }) as Box<dyn Instance>)
        })
    }
}

struct SpinInstance {
    running: Running,
    client: Client,
}

impl Instance for SpinInstance {
    fn send(&self, call: Call) -> LocalBoxFuture<'_, Result<Answer, String>> {
        Box::pin(self.client.send(call))
    }

    fn send_raw(&self, bytes: Bytes) -> LocalBoxFuture<'_, Result<Answer, String>> {
        Box::pin(self.client.send_raw(bytes))
    }

    fn url(&self) -> Option<String> {
        Some(self.client.url())
    }

    fn logs(&self) -> LocalBoxFuture<'_, Result<Vec<String>, String>> {
        let lines = |bytes: Bytes| String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect::<Vec<_>>();
        // What the component or the host complains of comes last, and is searched for secrets too.
        let all = [lines(self.running.stdout()), lines(self.running.stderr())].concat();
        Box::pin(async { Ok(all) })
    }
}

fn app(deployment: Deployment) -> Result<App, String> {
    let stores = Stores::default();
    stores.fail_increments(deployment.counters_down());
    for (key, value) in deployment.store {
        stores.set("default", &key, value);
    }
    let mut variables: BTreeMap<String, String> =
        deployment.secrets.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    variables.extend(deployment.region.map(|region| ("postern_region".to_owned(), region)));
    let snapshot = serde_json::to_vec(&deployment.snapshot).map_err(text)?;
    Ok(App {
        // What `postern build` writes into `spin.toml`, and nothing else.
        allowed_outbound_hosts: callout::outbound(&deployment.snapshot).iter().map(ToString::to_string).collect(),
        variables,
        stores: Arc::new(stores),
        files: BTreeMap::from([("/snapshot.json".to_owned(), FileContent::Bytes(snapshot))]),
        ..App::default()
    })
}

fn runtime() -> Result<&'static Runtime, String> {
    static RUNTIME: LazyLock<Result<Runtime, String>> =
        LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(text));
    RUNTIME.as_ref().map_err(Clone::clone)
}
