//! The measured programs are processes of their own. Each is killed by its id when its value goes away, also on an error.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

pub struct Process {
    child: Child,
    errors: PathBuf,
    pub address: SocketAddr,
}

/// The component host compiles a component before it listens.
const START_TIMEOUT: Duration = Duration::from_secs(120);

impl Process {
    /// Starts a program that is to listen on `address`. What it says on its standard output goes nowhere, its errors into a file
    /// in `folder`.
    pub fn start(command: &mut Command, address: SocketAddr, folder: &Path) -> Result<Self> {
        let errors = folder.join(format!("{}.log", address.port()));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&errors)?).kill_on_drop(true);
        let child = command.spawn().with_context(|| format!("cannot start {:?}", command.as_std().get_program()))?;
        Ok(Self { child, errors, address })
    }

    /// Waits until the port is open.
    ///
    /// # Errors
    /// The program ended, or took too long; with what it said.
    pub async fn ready(&mut self) -> Result<()> {
        let started = Instant::now();
        while TcpStream::connect(self.address).await.is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("a program ended with {status}: {}", std::fs::read_to_string(&self.errors)?);
            }
            if started.elapsed() > START_TIMEOUT {
                bail!("a program did not listen in time: {}", std::fs::read_to_string(&self.errors)?);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// The time that its threads have spent on processors, in user code and in the kernel. Only Linux tells.
    pub fn cpu_time(&self) -> Option<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()?)).ok()?;
        // The second field is the name in parentheses, and may hold anything; utime and stime are the 14th and 15th (proc(5)).
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
        let mut ticks = || fields.next()?.parse::<u64>().ok();
        Some(TICK * u32::try_from(ticks()? + ticks()?).ok()?)
    }

    /// Bytes that it has in memory. Only Linux tells.
    pub fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()?)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
    }

    pub async fn stop(mut self) -> Result<()> {
        self.child.kill().await.context("cannot stop a program")
    }
}

/// USER_HZ is 100 on all architectures that these hosts run on.
const TICK: Duration = Duration::from_millis(10);

/// A loopback address that is free now.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
