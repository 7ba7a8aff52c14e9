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
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::{AbortHandle, spawn_local};

use super::text;
use crate::network::{Client, expose};

/// The native host as a child process.
pub struct NativeTarget {
    program: PathBuf,
}

impl NativeTarget {
    /// What it can do.
    pub const ABILITIES: Abilities = Abilities {
        capabilities: Capabilities::NATIVE,
        socket: true,
        own_http: true,
        connect: false,
        wire_headers: true,
        counter_outage: false,
        store_access: false,
        one_instance: false,
    };

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
        Self::ABILITIES
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
    /// What it wrote to stdout and to stderr.
    lines: [Rc<RefCell<Vec<String>>>; 2],
    reading: [AbortHandle; 2],
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
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn().map_err(text)?;
        let (Some(output), Some(errors)) = (process.stdout.take(), process.stderr.take()) else {
            return Err("the process has no output".to_owned());
        };
        let mut output = BufReader::new(output).lines();
        let address = address(&mut output).await?;
        let lines: [Rc<RefCell<Vec<String>>>; 2] = Default::default();
        let [said, complained] = &lines;
        let reading = [
            spawn_local(keep(output, said.clone())).abort_handle(),
            spawn_local(keep(BufReader::new(errors).lines(), complained.clone())).abort_handle(),
        ];
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
        // What it complains of, panics included, comes last, and is searched for secrets too.
        Box::pin(async { Ok(self.lines.iter().flat_map(|lines| lines.borrow().clone()).collect()) })
    }
}

impl Drop for NativeInstance {
    fn drop(&mut self) {
        self.reading.iter().for_each(AbortHandle::abort);
    }
}

async fn address(output: &mut Lines<BufReader<ChildStdout>>) -> Result<SocketAddr, String> {
    let line = output.next_line().await.map_err(text)?.ok_or("the process ended before it listened")?;
    let address = line.strip_prefix("listening on http://").and_then(|address| address.parse().ok());
    address.ok_or_else(|| format!("the process said {line:?} instead of its address"))
}

async fn keep<R: AsyncRead + Unpin>(mut output: Lines<BufReader<R>>, lines: Rc<RefCell<Vec<String>>>) {
    while let Ok(Some(line)) = output.next_line().await {
        lines.borrow_mut().push(line);
    }
}
