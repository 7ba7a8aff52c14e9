//! How the programs of each host are built and started.

mod native;
mod spin;
mod workerd;

use std::path::Path;
use std::process::Command as StdCommand;

use anyhow::{Result, ensure};
use tokio::process::Command;

use crate::call::{Call, Kind, access_token};
use crate::fixture::Fixture;
use crate::options::Host;
use crate::process::{Process, free_address};

/// A program under measurement.
pub struct Program {
    pub name: &'static str,
    pub process: Process,
    pub chat: Call,
    pub stream: Call,
}

impl Program {
    pub fn call(&self, kind: Kind) -> &Call {
        match kind {
            Kind::Chat => &self.chat,
            Kind::Stream => &self.stream,
        }
    }
}

/// The pass-through, its twin, and Postern. What the twins differ by is noise.
pub async fn start(host: Host, root: &Path, fixture: &Fixture) -> Result<Vec<Program>> {
    let (bare, postern): (CommandFor<'_>, CommandFor<'_>) = match host {
        Host::Native => (&|port| native::bare(root, fixture, port), &|port| native::postern(root, fixture, port)),
        Host::Workerd => (&|port| workerd::bare(root, fixture, port), &|port| workerd::postern(root, fixture, port)),
        Host::Spin => (&|port| spin::bare(root, fixture, port), &|port| spin::postern(root, fixture, port)),
    };
    let mut gateway = process(postern, fixture)?;
    let twins = [process(bare, fixture)?, process(bare, fixture)?];
    gateway.ready().await?;
    let token = access_token(gateway.address, &fixture.client_id, &fixture.client_secret).await?;
    let mut programs = Vec::new();
    for (name, mut process, host) in ["bare", "bare again"].into_iter().zip(twins).map(|(name, twin)| (name, twin, "localhost")).chain([(
        "Postern",
        gateway,
        "chat.localhost",
    )]) {
        process.ready().await?;
        let call = |kind| Call::new(kind, process.address, host, &token);
        programs.push(Program { name, chat: call(Kind::Chat)?, stream: call(Kind::Stream)?, process });
    }
    Ok(programs)
}

/// Postern alone.
pub fn start_postern(host: Host, root: &Path, fixture: &Fixture) -> Result<Process> {
    match host {
        Host::Native => process(&|port| native::postern(root, fixture, port), fixture),
        Host::Workerd => process(&|port| workerd::postern(root, fixture, port), fixture),
        Host::Spin => process(&|port| spin::postern(root, fixture, port), fixture),
    }
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

/// The command that listens on a port.
type CommandFor<'a> = &'a dyn Fn(u16) -> Result<Command>;

fn process(command: CommandFor<'_>, fixture: &Fixture) -> Result<Process> {
    let address = free_address()?;
    Process::start(&mut command(address.port())?, address, &fixture.folder)
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<()> {
    succeed(StdCommand::new(env!("CARGO")).arg("build").args(arguments).current_dir(root))
}

fn succeed(command: &mut StdCommand) -> Result<()> {
    eprintln!("{command:?}");
    let status = command.status()?;
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok(())
}
