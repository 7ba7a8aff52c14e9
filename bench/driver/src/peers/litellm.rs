use std::path::{Path, PathBuf};
use std::process::Command as StdCommand;

use anyhow::Result;
use tokio::process::Command;

use super::{once, output, sources, succeed};
use crate::fixture::Fixture;
use crate::launch::{Caller, Launch};

pub const NAME: &str = "LiteLLM";

const CONFIG: &str = include_str!("../../../peers/litellm/config.yaml");

/// Into a virtual environment, with every version and digest as the requirements say. Wheels only: nothing is built.
pub fn install(root: &Path, folder: &Path) -> Result<(PathBuf, String)> {
    let requirements = sources(root).join("litellm/requirements.txt");
    let python = folder.join("bin/python");
    once(folder, &requirements, || {
        succeed(StdCommand::new("python3").args(["-m", "venv"]).arg(folder))?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", "--require-hashes", "-r"];
        succeed(StdCommand::new(&python).args(pip).arg(&requirements))
    })?;
    let version = output(StdCommand::new(&python).args(["-c", "from importlib.metadata import version; print(version('litellm'))"]))?;
    Ok((folder.join("bin/litellm"), version))
}

/// One worker, its default.
pub fn launch<'a>(program: &'a Path, fixture: &'a Fixture) -> Launch<'a> {
    // LiteLLM takes master keys of this form only.
    let key = format!("sk-{}", fixture.client_secret);
    let caller = Caller::new(NAME, "localhost", &key);
    Launch::one(caller, move |port| {
        let config = CONFIG.replace("UPSTREAM", &format!("http://{}", fixture.upstream)).replace("MASTER_KEY", &key);
        let config = fixture.write("litellm/config.yaml", config)?;
        let mut command = Command::new(program);
        command.args(["--host", "127.0.0.1", "--port", &port.to_string(), "--telemetry", "False", "--config"]).arg(config);
        // What models cost is a file on the network, else.
        command.env("LITELLM_LOCAL_MODEL_COST_MAP", "True").env("LITELLM_LOG", "ERROR");
        Ok(command)
    })
}
