use std::path::{Path, PathBuf};
use std::process::Command as StdCommand;

use anyhow::{Context, Result};
use tokio::process::Command;

use super::{output, succeed};
use crate::fixture::Fixture;
use crate::launch::{Caller, Launch};

pub const NAME: &str = "nginx";

const CONFIG: &str = include_str!("../../../peers/nginx/nginx.conf");

/// The one of the machine, else Debian's package, unpacked without being installed: it would start a server of its own.
pub fn install(_root: &Path, folder: &Path) -> Result<(PathBuf, String)> {
    let unpacked = folder.join("usr/sbin/nginx");
    let known = [Path::new("/usr/sbin/nginx"), Path::new("/usr/local/bin/nginx"), Path::new("/opt/homebrew/bin/nginx"), &unpacked];
    let program = match known.into_iter().find(|path| path.is_file()) {
        Some(program) => program,
        None => {
            unpack(folder).context("there is no nginx, and Debian's package cannot be had")?;
            &unpacked
        }
    };
    Ok((program.to_owned(), output(StdCommand::new(program).arg("-v"))?))
}

/// As many processes as there are cores, each by itself and on the same port: a master that is killed leaves its workers behind.
pub fn launch<'a>(program: &'a Path, fixture: &'a Fixture) -> Launch<'a> {
    let commands =
        move |port| (0..std::thread::available_parallelism()?.get()).map(|worker| command(program, fixture, port, worker)).collect();
    Launch { callers: vec![Caller::new(NAME, "localhost", &fixture.client_secret)], commands: Box::new(commands) }
}

fn command(program: &Path, fixture: &Fixture, port: u16, worker: usize) -> Result<Command> {
    let config = CONFIG.replace("LISTEN", &format!("127.0.0.1:{port}")).replace("UPSTREAM", &fixture.upstream.to_string());
    let config = fixture.write(&format!("nginx/{worker}/nginx.conf"), config)?;
    let mut command = Command::new(program);
    // Relative paths of the configuration are in its folder.
    command.arg("-c").arg(&config).arg("-p").args(config.parent()).args(["-e", "stderr"]);
    Ok(command)
}

fn unpack(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    succeed(StdCommand::new("apt-get").args(["download", "-q", "nginx"]).current_dir(folder))?;
    let packages = std::fs::read_dir(folder)?.filter_map(Result::ok).map(|entry| entry.path());
    let package = packages.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "deb"));
    succeed(StdCommand::new("dpkg").arg("-x").arg(package.context("no package came")?).arg(folder))
}
