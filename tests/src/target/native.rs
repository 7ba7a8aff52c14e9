use std::cell::RefCell;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::rc::Rc;

use bytes::Bytes;
use postern_cases::format::Abilities;
use postern_cases::target::{Answer, Call, Conversation, Deployment, Exposed, Instance, Target};
use postern_cases::upstream::Upstreams;
use postern_core::platform::{Capabilities, LocalBoxFuture};
use postern_native::store::SqliteStore;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::{AbortHandle, spawn_local};

use super::text;
use crate::network::{Client, expose};

/// The native host as a child process.
pub struct NativeTarget {
    program: PathBuf,
}

impl NativeTarget {
    /// `program` is the built `native-host`.
    pub fn new(program: &str) -> Self {
        Self { program: program.into() }
    }
}

impl Target for NativeTarget {
    fn name(&self) -> &'static str {
        "native"
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            capabilities: Capabilities::NATIVE,
            socket: true,
            own_http: true,
            connect: false,
            wire_headers: true,
            counter_outage: false,
            store_access: false,
            one_instance: false,
        }
    }

    fn expose(&self, upstreams: Rc<Upstreams>) -> LocalBoxFuture<'_, Result<Exposed, String>> {
        Box::pin(expose(upstreams))
    }

    fn start(&self, deployment: Deployment) -> LocalBoxFuture<'_, Result<Box<dyn Instance>, String>> {
        Box::pin(async move { Ok(Box::new(NativeInstance::start(&self.program, deployment).await?) as Box<dyn Instance>) })
    }
}

/// Stopped when it is dropped: first the process, then its folder goes.
struct NativeInstance {
    _process: Child,
    _folder: TempDir,
    client: Client,
    lines: Rc<RefCell<Vec<String>>>,
    reading: AbortHandle,
}

impl NativeInstance {
    async fn start(program: &Path, deployment: Deployment) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(text)?;
        let snapshot = folder.path().join("snapshot.json");
        std::fs::write(&snapshot, serde_json::to_vec(&deployment.snapshot).map_err(text)?).map_err(text)?;
        let data = folder.path().join("data");
        let mut store = SqliteStore::open(&data).map_err(text)?;
        for (key, value) in &deployment.store {
            store.put(key, value, None).map_err(text)?;
        }
        drop(store);
        let mut command = Command::new(program);
        command.arg(snapshot).arg(data).env_clear().envs(&deployment.secrets);
        command.envs(deployment.region.map(|region| ("POSTERN_REGION", region)));
        let mut process = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().map_err(text)?;
        let output = process.stdout.take().ok_or("the process has no output")?;
        let mut output = BufReader::new(output).lines();
        let address = address(&mut output).await?;
        let lines = Rc::new(RefCell::new(Vec::new()));
        let reading = spawn_local(keep(output, lines.clone())).abort_handle();
        Ok(Self { _process: process, _folder: folder, client: Client::new(address), lines, reading })
    }
}

impl Instance for NativeInstance {
    fn send(&self, call: Call) -> LocalBoxFuture<'_, Result<Answer, String>> {
        Box::pin(self.client.send(call))
    }

    fn send_raw(&self, bytes: Bytes) -> LocalBoxFuture<'_, Result<Answer, String>> {
        Box::pin(self.client.send_raw(bytes))
    }

    fn web_socket(&self, call: Call, texts: Vec<String>) -> LocalBoxFuture<'_, Result<Conversation, String>> {
        Box::pin(self.client.web_socket(call, texts))
    }

    fn url(&self) -> Option<String> {
        Some(self.client.url())
    }

    fn logs(&self) -> LocalBoxFuture<'_, Result<Vec<String>, String>> {
        Box::pin(async { Ok(self.lines.borrow().clone()) })
    }
}

impl Drop for NativeInstance {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

async fn address(output: &mut Lines<BufReader<ChildStdout>>) -> Result<SocketAddr, String> {
    let line = output.next_line().await.map_err(text)?.ok_or("the process ended before it listened")?;
    let address = line.strip_prefix("listening on http://").and_then(|address| address.parse().ok());
    address.ok_or_else(|| format!("the process said {line:?} instead of its address"))
}

async fn keep(mut output: Lines<BufReader<ChildStdout>>, lines: Rc<RefCell<Vec<String>>>) {
    while let Ok(Some(line)) = output.next_line().await {
        lines.borrow_mut().push(line);
    }
}
