use std::fs;
use std::io::ErrorKind;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;

use crate::{console, private_file};

/// The KV namespace's name in `wrangler.toml`.
const BINDING: &str = "POSTERN";

/// A command takes seconds, and one over a slow line with many entries a minute.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs `wrangler kv`, and says what it runs. Values go through files, never through arguments.
pub struct Wrangler {
    flags: Vec<String>,
}

impl Wrangler {
    pub fn new(remote: bool, environment: Option<&str>) -> Self {
        let place = if remote { "--remote" } else { "--local" };
        let mut flags: Vec<String> = ["--binding", BINDING, place].map(String::from).into();
        if let Some(name) = environment {
            flags.extend(["--env".into(), name.into()]);
        }
        Self { flags }
    }

    /// # Errors
    /// When wrangler is not there, or fails.
    pub fn run(&self, arguments: &[&str]) -> Result<String> {
        // Not whatever version the registry has today: the one that the project has pinned.
        let mut words = vec!["--no-install", "wrangler", "kv"];
        words.extend(arguments);
        words.extend(self.flags.iter().map(String::as_str));
        console::command(&format!("npx {}", words.join(" ")));
        let (stdout, stderr) = (private_file::temporary(b"")?, private_file::temporary(b"")?);
        let mut command = Command::new("npx");
        command.args(&words).stdin(Stdio::null()).stdout(stdout.reopen()?).stderr(stderr.reopen()?);
        let child = command.spawn().map_err(|error| match error.kind() {
            ErrorKind::NotFound => anyhow::anyhow!("npx is not on the PATH: install Node.js, then run `npm ci` here"),
            _ => anyhow::Error::new(error).context("npx cannot be run"),
        })?;
        let status = wait(child)?;
        if !status.success() {
            let said = fs::read(stderr.path()).unwrap_or_default();
            bail!("wrangler failed ({status}); `npm ci` installs it here. It said:\n{}", String::from_utf8_lossy(&said).trim());
        }
        fs::read_to_string(stdout.path()).context("wrangler's answer cannot be read")
    }

    /// Runs a command that answers with JSON.
    ///
    /// # Errors
    /// As [`Wrangler::run`], and when the answer is something else.
    pub fn json<T: DeserializeOwned>(&self, arguments: &[&str]) -> Result<T> {
        let answer = self.run(arguments)?;
        // A banner may stand before it.
        let start = answer.lines().position(|line| line.starts_with(['{', '[']));
        let json = start.map(|start| answer.lines().skip(start).collect::<Vec<_>>().join("\n")).unwrap_or_default();
        serde_json::from_str(&json).with_context(|| format!("`wrangler kv {}` did not answer with JSON", arguments.join(" ")))
    }
}

/// Waits for its end, but not for ever: a wrangler that has answered does not always end.
fn wait(mut child: Child) -> Result<ExitStatus> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().context("npx cannot be waited for")? {
            return Ok(status);
        }
        if start.elapsed() > PATIENCE {
            child.kill().context("npx cannot be ended")?;
            bail!("wrangler has not ended within {} s: try again", PATIENCE.as_secs());
        }
        thread::sleep(Duration::from_millis(20));
    }
}
