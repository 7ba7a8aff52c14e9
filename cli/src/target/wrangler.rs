use std::io::ErrorKind;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;

use crate::console;

/// The KV namespace's name in `wrangler.toml`.
const BINDING: &str = "POSTERN";

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
        let output = Command::new("npx").args(&words).stdin(Stdio::null()).output().map_err(|error| match error.kind() {
            ErrorKind::NotFound => anyhow::anyhow!("npx is not on the PATH: install Node.js, then run `npm ci` here"),
            _ => anyhow::Error::new(error).context("npx cannot be run"),
        })?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("wrangler failed ({}); `npm ci` installs it here. It said:\n{}", output.status, said.trim());
        }
        String::from_utf8(output.stdout).context("wrangler's answer is not UTF-8")
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
