//! Programs that tests start.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::task::spawn_local;

/// npm brings the Node that Miniflare needs; the system's may be older.
pub fn node() -> PathBuf {
    let brought = Path::new(env!("CARGO_MANIFEST_DIR")).join("../node_modules/.bin/node");
    if brought.exists() { brought } else { "node".into() }
}

/// Runs a script to its end.
///
/// # Errors
/// What it printed, when it failed.
pub async fn run(program: &Path, script: &Path, environment: &[(&str, String)]) -> Result<(), String> {
    let mut command = Command::new(program);
    command.arg(script).envs(environment.iter().map(|(name, value)| (*name, value))).kill_on_drop(true);
    let output = command.output().await.map_err(|error| format!("{}: {error}", program.display()))?;
    if output.status.success() {
        return Ok(());
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Err(format!("{} failed:\n{}{}", script.display(), text(&output.stdout), text(&output.stderr)))
}

/// A running `fake-provider`. It ends when this is dropped.
pub struct Provider {
    url: String,
    _process: Child,
}

impl Provider {
    /// # Errors
    /// It did not start.
    pub async fn start(program: &str) -> Result<Self, String> {
        let mut process = Command::new(program).stdout(Stdio::piped()).kill_on_drop(true).spawn().map_err(text)?;
        let output = process.stdout.take().ok_or("the provider has no output")?;
        let line = BufReader::new(output).lines().next_line().await.map_err(text)?.unwrap_or_default();
        let url = line.strip_prefix("listening on ").ok_or("the provider did not start")?.to_owned();
        Ok(Self { url, _process: process })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Every request so far.
    ///
    /// # Errors
    /// The provider does not answer.
    pub async fn received(&self) -> Result<Vec<Value>, String> {
        let stream = TcpStream::connect(self.url.trim_start_matches("http://")).await.map_err(text)?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(text)?;
        spawn_local(async { drop(connection.await) });
        let request =
            http::Request::builder().uri("/received").header("host", "provider").body(Empty::<bytes::Bytes>::new()).map_err(text)?;
        let body = sender.send_request(request).await.map_err(text)?.into_body().collect().await.map_err(text)?;
        serde_json::from_slice(&body.to_bytes()).map_err(text)
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
