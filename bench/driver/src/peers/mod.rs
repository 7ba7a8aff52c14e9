//! Other gateways, measured in the same run. They are installed under `target/`, by the tools that their users have.

mod litellm;
mod nginx;
mod portkey;

use std::path::{Path, PathBuf};
use std::process::Command as StdCommand;

use anyhow::{Context, Result};

use crate::fixture::Fixture;
use crate::host::succeed;
use crate::launch::Launch;
use crate::options::Host;

/// One that is installed.
pub struct Peer {
    kind: Kind,
    program: PathBuf,
    /// As it says itself.
    version: String,
}

#[derive(Clone, Copy)]
enum Kind {
    Nginx,
    LiteLlm,
    Portkey,
}

const ALL: [Kind; 3] = [Kind::Nginx, Kind::LiteLlm, Kind::Portkey];

/// Installs those that stand beside the hosts. What cannot be installed is told, and left out.
pub fn install(hosts: &[Host], root: &Path) -> (Vec<Peer>, Vec<String>) {
    let (mut peers, mut told) = (Vec::new(), Vec::new());
    for kind in ALL.into_iter().filter(|kind| hosts.contains(&kind.host())) {
        match kind.install(root) {
            Ok(peer) => {
                told.push(format!("{}: {}", kind.name(), peer.version));
                peers.push(peer);
            }
            Err(error) => told.push(format!("{} is not measured: {error:#}", kind.name())),
        }
    }
    (peers, told)
}

impl Peer {
    /// Beside whose programs it is measured.
    pub fn host(&self) -> Host {
        self.kind.host()
    }

    pub fn launch<'a>(&'a self, fixture: &'a Fixture) -> Launch<'a> {
        match self.kind {
            Kind::Nginx => nginx::launch(&self.program, fixture),
            Kind::LiteLlm => litellm::launch(&self.program, fixture),
            Kind::Portkey => portkey::launch(&self.program, fixture),
        }
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Nginx => nginx::NAME,
            Self::LiteLlm => litellm::NAME,
            Self::Portkey => portkey::NAME,
        }
    }

    fn host(self) -> Host {
        match self {
            Self::Nginx | Self::LiteLlm => Host::Native,
            Self::Portkey => Host::Workerd,
        }
    }

    fn install(self, root: &Path) -> Result<Peer> {
        let folder = root.join("target/postern/peers");
        let (program, version) = match self {
            Self::Nginx => nginx::install(root, &folder.join("nginx"))?,
            Self::LiteLlm => litellm::install(root, &folder.join("litellm"))?,
            Self::Portkey => portkey::install(root, &folder.join("portkey"))?,
        };
        Ok(Peer { kind: self, program, version })
    }
}

/// Where the files of a peer are.
fn sources(root: &Path) -> PathBuf {
    root.join("bench/peers")
}

/// Installs what a lock file says into a folder, unless exactly that was done before.
fn once(folder: &Path, lock: &Path, install: impl FnOnce() -> Result<()>) -> Result<()> {
    let (lock, done) = (std::fs::read_to_string(lock)?, folder.join("installed"));
    if std::fs::read_to_string(&done).is_ok_and(|what| what == lock) {
        return Ok(());
    }
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    install()?;
    Ok(std::fs::write(done, lock)?)
}

/// Runs a program to its end, and gives what it printed, on either output.
fn output(command: &mut StdCommand) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {:?}", command.get_program()))?;
    anyhow::ensure!(output.status.success(), "{command:?} ended with {}", output.status);
    Ok([output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).trim().to_owned()).concat())
}
