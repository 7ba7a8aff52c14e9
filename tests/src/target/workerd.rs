use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::rc::Rc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use bytes::Bytes;
use postern_cases::format::Abilities;
use postern_cases::target::{Answer, Call, Conversation, Deployment, Exposed, Instance, Target};
use postern_cases::upstream::Upstreams;
use postern_core::platform::{Capabilities, LocalBoxFuture};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;

use super::text;
use crate::harness::Missing;
use crate::network::{Client, expose};
use crate::programs;

/// The built Worker on workerd, by a Node program that speaks lines of JSON. One process serves all cases of a thread.
pub struct WorkerdTarget {
    root: PathBuf,
    node: Rc<RefCell<Option<Rc<Node>>>>,
}

impl WorkerdTarget {
    /// What it can do.
    pub const ABILITIES: Abilities = Abilities {
        capabilities: Capabilities::CLOUDFLARE,
        socket: true,
        own_http: false,
        connect: false,
        wire_headers: true,
        counter_outage: true,
        store_access: false,
        one_instance: true,
    };

    /// # Errors
    /// What is not built or not installed.
    pub fn new() -> Result<Self, Missing> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for (file, remedy) in
            [("node_modules/miniflare", "run `npm ci`"), ("target/postern/worker/postern.wasm", "run `scripts/build-worker`")]
        {
            if !root.join(file).exists() {
                return Err(Missing(format!("there is no {file}: {remedy}")));
            }
        }
        Ok(Self { root, node: Rc::default() })
    }

    async fn node(&self) -> Result<Rc<Node>, String> {
        if let Some(node) = self.node.borrow().as_ref() {
            return Ok(node.clone());
        }
        let node = Rc::new(Node::start(&self.root)?);
        *self.node.borrow_mut() = Some(node.clone());
        Ok(node)
    }
}

impl Target for WorkerdTarget {
    fn name(&self) -> &'static str {
        "workerd"
    }

    fn abilities(&self) -> Abilities {
        Self::ABILITIES
    }

    fn expose(&self, upstreams: Rc<Upstreams>) -> LocalBoxFuture<'_, Result<Exposed, String>> {
        Box::pin(expose(upstreams))
    }

    fn start(&self, deployment: Deployment) -> LocalBoxFuture<'_, Result<Box<dyn Instance>, String>> {
        Box::pin(async move {
            let node = self.node().await?;
            let counters = !deployment.counters_down();
            let mut bindings: BTreeMap<_, _> = deployment.secrets;
            bindings.extend(deployment.region.map(|region| ("POSTERN_REGION".to_owned(), region)));
            let store: BTreeMap<_, _> = deployment.store.iter().map(|(key, value)| (key, base64(value))).collect();
            let start = json!({"start": {"snapshot": deployment.snapshot, "kv": store, "bindings": bindings, "counters": counters}});
            let answer = match node.ask(&start).await {
                Ok(answer) => answer,
                Err(why) => {
                    // The next case gets a new process.
                    self.node.borrow_mut().take();
                    return Err(why);
                }
            };
            let url = answer.get("url").and_then(Value::as_str).unwrap_or_default();
            let address: SocketAddr = url.trim_start_matches("http://").parse().map_err(|_| format!("{url:?} is no address"))?;
            Ok(Box::new(WorkerdInstance { node, client: Client::new(address) }) as Box<dyn Instance>)
        })
    }
}

struct WorkerdInstance {
    node: Rc<Node>,
    client: Client,
}

impl Instance for WorkerdInstance {
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
        Box::pin(async {
            let answer = self.node.ask(&json!({"logs": true})).await?;
            serde_json::from_value(answer.get("logs").cloned().unwrap_or_default()).map_err(text)
        })
    }
}

/// The Node process. It ends with its target.
struct Node {
    // Closed before the process is waited for.
    pipes: Mutex<(ChildStdin, Lines<BufReader<ChildStdout>>)>,
    _process: Ending,
}

/// Lets a process whose input is closed end by itself. Killed at once, Node could end neither workerd, which would stay, nor its folder.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let started = Instant::now();
        while matches!(self.0.try_wait(), Ok(None)) && started.elapsed() < ENDING {
            sleep(Duration::from_millis(5));
        }
    }
}

/// What takes longer is killed.
const ENDING: Duration = Duration::from_secs(10);

impl Node {
    fn start(root: &Path) -> Result<Self, String> {
        let mut command = Command::new(programs::node());
        command.arg(root.join("tests/workerd/server.mjs")).current_dir(root).kill_on_drop(true);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(text)?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err("the Node process has no pipes".into());
        };
        Ok(Self { pipes: Mutex::new((input, BufReader::new(output).lines())), _process: Ending(process) })
    }

    async fn ask(&self, request: &Value) -> Result<Value, String> {
        let mut pipes = self.pipes.lock().await;
        let (input, output) = &mut *pipes;
        input.write_all(format!("{request}\n").as_bytes()).await.map_err(text)?;
        let line = output.next_line().await.map_err(text)?.ok_or("the Node process ended")?;
        let answer: Value = serde_json::from_str(&line).map_err(|_| format!("the Node process said {line}"))?;
        match answer.get("error").and_then(Value::as_str) {
            Some(error) => Err(error.to_owned()),
            None => Ok(answer),
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::prelude::BASE64_STANDARD.encode(bytes)
}
