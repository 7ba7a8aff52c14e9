use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

pub const USAGE: &str =
    "usage: postern-bench [native|workerd|spin]... [--seconds N] [--rounds N] [--connections N,N...] [--json FILE] [--no-build]

Measures Postern beside a bare pass-through on each host that is named, default all three.
  --seconds N        time for each program in each round, default 3
  --rounds N         rounds, default 5
  --connections N,…  connections of each load, default 1,16
  --json FILE        writes every sample there as well
  --no-build         takes what is built, however old it is";

#[derive(Debug)]
pub struct Options {
    pub hosts: Vec<Host>,
    pub seconds: Duration,
    pub rounds: usize,
    pub connections: Vec<usize>,
    pub json: Option<PathBuf>,
    pub build: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    Native,
    Workerd,
    Spin,
}

impl Host {
    pub const ALL: [Self; 3] = [Self::Native, Self::Workerd, Self::Spin];

    /// # Errors
    /// When there is no such host.
    pub fn parse(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|host| host.name() == name).with_context(|| format!("there is no host and no option {name:?}"))
    }

    /// All of them where none is named.
    pub fn or_all(named: Vec<Self>) -> Vec<Self> {
        if named.is_empty() { Self::ALL.to_vec() } else { named }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Workerd => "workerd",
            Self::Spin => "spin",
        }
    }
}

impl Options {
    /// # Errors
    /// The text says which argument cannot be used.
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut options =
            Self { hosts: Vec::new(), seconds: Duration::from_secs(3), rounds: 5, connections: vec![1, 16], json: None, build: true };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().with_context(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--seconds" => options.seconds = Duration::from_secs(positive(&value()?)?),
                "--rounds" => options.rounds = usize::try_from(positive(&value()?)?)?,
                "--connections" => {
                    let counts = value()?;
                    options.connections = counts.split(',').map(|count| Ok(usize::try_from(positive(count)?)?)).collect::<Result<_>>()?;
                }
                "--json" => options.json = Some(value()?.into()),
                "--no-build" => options.build = false,
                name => options.hosts.push(Host::parse(name)?),
            }
        }
        options.hosts = Host::or_all(options.hosts);
        Ok(options)
    }
}

/// # Errors
/// When it is none, or more than 1000.
pub fn positive(text: &str) -> Result<u64> {
    let number = text.parse().with_context(|| format!("{text:?} is no number"))?;
    ensure!((1..=1000).contains(&number), "{number} is not between 1 and 1000");
    Ok(number)
}
