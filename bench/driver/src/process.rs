//! The measured programs are processes of their own. Each is killed by its id when its value goes away, also on an error, and by the
//! kernel when the benchmark itself is killed.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use http_body_util::BodyExt;
use tokio::process::{Child, Command};

use crate::call::Call;
use crate::connection::Connection;

/// A program that listens on one address. It may be several processes, where one would be one thread.
pub struct Process {
    children: Vec<Child>,
    errors: PathBuf,
    started: Instant,
    pub address: SocketAddr,
}

/// The component host compiles a component before it listens, and Python loads for long.
const START_TIMEOUT: Duration = Duration::from_secs(300);
/// Between two attempts to connect: what the time to the first answer is exact to.
const ATTEMPT: Duration = Duration::from_millis(1);

impl Process {
    /// Starts a program that is to listen on `address`. What it says on its standard output goes nowhere, its errors into a file
    /// in `folder`.
    pub fn start(commands: Vec<Command>, address: SocketAddr, folder: &Path) -> Result<Self> {
        let errors = folder.join(format!("{}.log", address.port()));
        let log = File::create(&errors)?;
        let started = Instant::now();
        let mut children = Vec::new();
        for command in commands {
            let mut command = bound_to_us(command);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log.try_clone()?).kill_on_drop(true);
            children.push(command.spawn().with_context(|| format!("cannot start {:?}", command.as_std()))?);
        }
        Ok(Self { children, errors, started, address })
    }

    /// Waits until the port is open.
    ///
    /// # Errors
    /// The program ended, or took too long; with what it said.
    pub async fn ready(&mut self) -> Result<()> {
        self.connected().await.map(drop)
    }

    /// Waits for the first answer, and tells how long after the program's start it was complete.
    ///
    /// # Errors
    /// The same, and when the answer is no success.
    pub async fn first_answer(&mut self, call: &Call) -> Result<Duration> {
        let mut connection = self.connected().await?;
        call.send(&mut connection).await?.into_body().collect().await?;
        Ok(self.started.elapsed())
    }

    async fn connected(&mut self) -> Result<Connection> {
        loop {
            if let Ok(connection) = Connection::open(self.address).await {
                return Ok(connection);
            }
            for child in &mut self.children {
                if let Some(status) = child.try_wait()? {
                    bail!("a program ended with {status}: {}", std::fs::read_to_string(&self.errors)?);
                }
            }
            if self.started.elapsed() > START_TIMEOUT {
                bail!("a program did not listen in time: {}", std::fs::read_to_string(&self.errors)?);
            }
            tokio::time::sleep(ATTEMPT).await;
        }
    }

    /// The time that its threads have spent on processors, in user code and in the kernel. Only Linux tells.
    pub fn cpu_time(&self) -> Option<Duration> {
        let ticks: Option<Vec<u32>> = self.children.iter().map(|child| ticks(&proc(child, "stat")?)).collect();
        Some(TICK * ticks?.iter().sum::<u32>())
    }

    /// Bytes that it has in memory. Only Linux tells.
    pub fn memory(&self) -> Option<u64> {
        self.children.iter().map(|child| resident(&proc(child, "status")?)).sum()
    }

    pub async fn stop(mut self) -> Result<()> {
        for child in &mut self.children {
            child.kill().await.context("cannot stop a program")?;
        }
        Ok(())
    }
}

/// The same, but ended by the kernel when we are killed (setpriv of util-linux; prctl(2), PR_SET_PDEATHSIG). Where there is no such
/// program, SIGKILL to us leaves ours behind.
fn bound_to_us(command: Command) -> Command {
    const BINDS: &str = "/usr/bin/setpriv";
    if !Path::new(BINDS).exists() {
        return command;
    }
    let inner = command.as_std();
    let mut bound = Command::new(BINDS);
    bound.args(["--pdeathsig", "KILL", "--"]).arg(inner.get_program()).args(inner.get_args());
    bound.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    bound
}

/// USER_HZ is 100 on all architectures that these hosts run on.
const TICK: Duration = Duration::from_millis(10);

/// A loopback address that is free now.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

fn proc(child: &Child, file: &str) -> Option<String> {
    std::fs::read_to_string(format!("/proc/{}/{file}", child.id()?)).ok()
}

/// The second field is the name in parentheses, and may hold anything; utime and stime are the 14th and 15th (proc(5)).
fn ticks(stat: &str) -> Option<u32> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u32>().ok();
    Some(ticks()? + ticks()?)
}

fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_linux_tells_of_a_process() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 9 9 20 0 1 0 5 6 7";
        assert_eq!(ticks(stat), Some(300));
        assert_eq!(ticks("7 (a"), None);
        assert_eq!(resident("Name:\ta\nVmRSS:\t   2048 kB\nThreads:\t1\n"), Some(2 << 20));
        assert_eq!(resident("Name:\ta\n"), None);
    }
}
