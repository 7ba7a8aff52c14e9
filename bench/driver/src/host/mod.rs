//! How the programs of each host are built and started.

mod native;
mod spin;
mod workerd;

use std::path::Path;
use std::process::Command as StdCommand;
use std::rc::Rc;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use crate::call::access_token;
use crate::fixture::Fixture;
use crate::launch::{Caller, Launch, Program};
use crate::options::Host;
use crate::peers::Peer;
use crate::process::{Process, free_address};

/// Everything that is measured on a host. The first is the pass-through, the second the same again: what the two differ by is noise.
pub async fn launches<'a>(host: Host, root: &'a Path, fixture: &'a Fixture, peers: &'a [Peer]) -> Result<Vec<Launch<'a>>> {
    let token = issued(host, root, fixture).await?;
    let bare = |name| Launch::one(Caller::new(name, "localhost", &token), move |port| bare(host, root, fixture, port));
    let mut launches = vec![bare("bare"), bare("bare again")];
    if host == Host::Workerd {
        launches.push(Launch::one(Caller::new("bare Rust", "localhost", &token), |port| workerd::bare_rust(root, fixture, port)));
    }
    launches.push(Launch {
        callers: [
            ("Postern", "chat.localhost"),
            ("Postern, few headers", "model.localhost"),
            ("Postern, watched", "watched.localhost"),
            ("Postern, plain", "plain.localhost"),
            ("Postern, exact limit", "limited.localhost"),
            ("Postern, every plugin", "plugins.localhost"),
        ]
        .map(|(name, host)| Caller::new(name, host, &token))
        .into(),
        commands: Box::new(move |port| Ok(vec![postern(host, root, fixture, port)?])),
    });
    launches.extend(peers.iter().filter(|peer| peer.host() == host).map(|peer| peer.launch(fixture)));
    Ok(launches)
}

/// All of them, running.
pub async fn start(launches: &[Launch<'_>], fixture: &Fixture) -> Result<Vec<Program>> {
    let mut programs = Vec::new();
    for launch in launches {
        let mut process = launch.start(fixture)?;
        process.ready().await.with_context(|| launch.name())?;
        programs.extend(launch.programs(&Rc::new(process))?);
    }
    Ok(programs)
}

/// Postern alone.
pub fn start_postern(host: Host, root: &Path, fixture: &Fixture) -> Result<Process> {
    let address = free_address()?;
    Process::start(vec![postern(host, root, fixture, address.port())?], address, &fixture.folder)
}

/// Builds what the hosts need, in release.
pub fn build(hosts: &[Host], root: &Path) -> Result<()> {
    for host in hosts {
        match host {
            Host::Native => native::build(root)?,
            Host::Workerd => workerd::build(root)?,
            Host::Spin => spin::build(root)?,
        }
    }
    Ok(())
}

/// An access token that Postern takes, whichever of its processes gave it.
async fn issued(host: Host, root: &Path, fixture: &Fixture) -> Result<String> {
    let mut process = start_postern(host, root, fixture)?;
    process.ready().await?;
    let token = access_token(process.address, &fixture.client_id, &fixture.client_secret).await?;
    process.stop().await?;
    Ok(token)
}

fn bare(host: Host, root: &Path, fixture: &Fixture, port: u16) -> Result<Command> {
    match host {
        Host::Native => native::bare(root, fixture, port),
        Host::Workerd => workerd::bare(root, fixture, port),
        Host::Spin => spin::bare(root, fixture, port),
    }
}

fn postern(host: Host, root: &Path, fixture: &Fixture, port: u16) -> Result<Command> {
    match host {
        Host::Native => native::postern(root, fixture, port),
        Host::Workerd => workerd::postern(root, fixture, port),
        Host::Spin => spin::postern(root, fixture, port),
    }
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<()> {
    succeed(StdCommand::new(env!("CARGO")).arg("build").args(arguments).current_dir(root))
}

/// Runs a program to its end.
pub fn succeed(command: &mut StdCommand) -> Result<()> {
    eprintln!("{command:?}");
    let status = command.status().with_context(|| format!("cannot start {:?}", command.get_program()))?;
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok(())
}
