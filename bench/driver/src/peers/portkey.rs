use std::path::{Path, PathBuf};
use std::process::Command as StdCommand;

use anyhow::Result;
use tokio::process::Command;

use super::{once, output, sources, succeed};
use crate::fixture::Fixture;
use crate::launch::{Caller, Launch};

pub const NAME: &str = "Portkey (Node)";

const PACKAGE: &str = "node_modules/@portkey-ai/gateway";

/// By npm, as its lock file says, away from the packages of the project.
pub fn install(root: &Path, folder: &Path) -> Result<(PathBuf, String)> {
    let sources = sources(root).join("portkey");
    once(folder, &sources.join("package-lock.json"), || {
        for file in ["package.json", "package-lock.json", "loopback.mjs"] {
            std::fs::copy(sources.join(file), folder.join(file))?;
        }
        succeed(StdCommand::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder))
    })?;
    let version =
        output(StdCommand::new("node").args(["-p", &format!("require('./{PACKAGE}/package.json').version")]).current_dir(folder))?;
    Ok((folder.to_owned(), version))
}

/// The package is a server for Node. Without Portkey's own service behind it, it knows no callers and has no secrets: the client sends
/// the provider's key and says where to go.
pub fn launch<'a>(folder: &'a Path, fixture: &'a Fixture) -> Launch<'a> {
    let caller = Caller::new(NAME, "localhost", "sk-provider-key-of-the-benchmark")
        .with("x-portkey-provider", "openai".to_owned())
        .with("x-portkey-custom-host", format!("http://{}/v1", fixture.upstream));
    Launch::one(caller, move |port| {
        let mut command = Command::new("node");
        command.arg("--import").arg(folder.join("loopback.mjs")).arg(folder.join(PACKAGE).join("build/start-server.js"));
        command.args(["--headless", &format!("--port={port}")]).env("NODE_ENV", "production");
        Ok(command)
    })
}
