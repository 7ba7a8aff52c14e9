use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

pub const USAGE: &str = "usage: postern-bench [native|workerd|spin]... [OPTION]...

Measures Postern beside a bare pass-through on each host that is named, default all three.
  --seconds N        time for each program in each round, default 3
  --rounds N         rounds, default 5
  --connections N,…  connections of each load of chat requests, default 1,16
  --streams N,…      streams under way in each load of streams, default 1,32,256
  --open N,…         streams that stay open while memory is read, default 1,10,100,1000
  --peers            measures nginx, LiteLLM and Portkey's gateway as well, and installs them under target/
  --json FILE        writes every sample there as well
  --no-build         takes what is built and installed, however old it is";

#[derive(Debug)]
pub struct Options {
    pub hosts: Vec<Host>,
    pub seconds: Duration,
    pub rounds: usize,
    pub connections: Vec<usize>,
    pub streams: Vec<usize>,
    pub open: Vec<usize>,
    pub peers: bool,
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
        let mut options = Self {
            hosts: Vec::new(),
            seconds: Duration::from_secs(3),
            rounds: 5,
            connections: vec![1, 16],
            streams: vec![1, 32, 256],
            open: vec![1, 10, 100, 1000],
            peers: false,
            json: None,
            build: true,
        };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().with_context(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--seconds" => options.seconds = Duration::from_secs(positive(&value()?)?),
                "--rounds" => options.rounds = usize::try_from(positive(&value()?)?)?,
                "--connections" => options.connections = ascending(&value()?)?,
                "--streams" => options.streams = ascending(&value()?)?,
                "--open" => options.open = ascending(&value()?)?,
                "--peers" => options.peers = true,
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

/// Open streams are only added, and the largest load is what programs are warmed up with.
fn ascending(list: &str) -> Result<Vec<usize>> {
    let numbers: Vec<usize> = list.split(',').map(|number| Ok(usize::try_from(positive(number)?)?)).collect::<Result<_>>()?;
    ensure!(numbers.is_sorted_by(|before, after| before < after), "{list}: each number must be larger than the one before");
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &str) -> Result<Options> {
        Options::parse(arguments.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn takes_hosts_and_lists() {
        let options = parse("spin --streams 1,64 --peers native --open 5").unwrap();
        assert_eq!(options.hosts, [Host::Spin, Host::Native]);
        assert_eq!((options.streams, options.open, options.connections), (vec![1, 64], vec![5], vec![1, 16]));
        assert!(options.peers && options.build);
        assert_eq!(parse("").unwrap().hosts, Host::ALL);
    }

    #[test]
    fn refuses_what_it_cannot_measure() {
        for arguments in ["--streams 0", "--streams 16,1", "--open 1,1", "--rounds", "--seconds 0.5", "wasmtime", "--connections 1001"] {
            assert!(parse(arguments).is_err(), "{arguments}");
        }
    }
}
