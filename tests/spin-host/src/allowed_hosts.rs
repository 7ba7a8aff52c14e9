//! `allowed_outbound_hosts`: where a component may send requests.

use std::net::IpAddr;
use std::ops::Range;

use anyhow::{Context, Result, bail, ensure};

/// The whole list.
#[derive(Debug, Default)]
pub struct AllowedHosts(Vec<Entry>);

/// One `scheme://host[:port]`.
#[derive(Debug)]
struct Entry {
    /// `None` is any.
    scheme: Option<String>,
    host: Host,
    /// `None` is any. As in Spin, the end of a range is not part of it.
    ports: Option<Range<u32>>,
}

#[derive(Debug)]
enum Host {
    Any,
    /// With its leading dot.
    SubdomainOf(String),
    Exactly(String),
    Network(IpAddr, u8),
}

impl AllowedHosts {
    /// Reads a list whose templates have been resolved. As in Spin, an entry that resolved to nothing is skipped.
    ///
    /// # Errors
    /// The text names the entry that is no `scheme://host[:port]`.
    pub fn parse(entries: &[String]) -> Result<Self> {
        let set = entries.iter().filter(|entry| !matches!(entry.as_str(), "" | "http://" | "https://"));
        set.map(|entry| Entry::parse(entry.trim()).with_context(|| format!("allowed_outbound_hosts: {entry:?}")))
            .collect::<Result<_>>()
            .map(Self)
    }

    pub fn allow(&self, uri: &http::Uri) -> bool {
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else { return false };
        let Some(port) = uri.port_u16().or_else(|| default_port(scheme)) else { return false };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        self.0.iter().any(|entry| entry.allows(scheme, &host, port))
    }
}

impl Entry {
    fn parse(text: &str) -> Result<Self> {
        let (scheme, rest) = text.split_once("://").context("it has no scheme")?;
        ensure!(scheme == "*" || scheme.chars().all(char::is_alphabetic), "the scheme may only have letters");
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if let Some((address, bits)) = rest.split_once('/') {
            let address: IpAddr = address.parse().context("it has a path")?;
            return Ok(Self { scheme: any_or(scheme), host: Host::Network(address, bits.parse()?), ports: default_ports(scheme)? });
        }
        let (host, ports) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, parse_ports(port)?),
            _ => (rest, default_ports(scheme)?),
        };
        Ok(Self { scheme: any_or(scheme), host: Host::parse(host)?, ports })
    }

    fn allows(&self, scheme: &str, host: &str, port: u16) -> bool {
        self.scheme.as_ref().is_none_or(|allowed| allowed == scheme)
            && self.host.allows(host)
            && self.ports.as_ref().is_none_or(|ports| ports.contains(&u32::from(port)))
    }
}

impl Host {
    fn parse(text: &str) -> Result<Self> {
        let text = text.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        Ok(match text.strip_prefix("*.") {
            _ if text == "*" => Self::Any,
            _ if text.is_empty() || text == "self" => bail!("this host knows no such host"),
            Some(domain) if !domain.contains('*') => Self::SubdomainOf(format!(".{domain}")),
            None if !text.contains('*') => Self::Exactly(text),
            _ => bail!("a wildcard may only stand for whole leading labels"),
        })
    }

    fn allows(&self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::SubdomainOf(suffix) => host.parse::<IpAddr>().is_err() && host.ends_with(suffix),
            Self::Exactly(allowed) => host == allowed,
            Self::Network(network, bits) => host.parse().is_ok_and(|address| contains(*network, *bits, address)),
        }
    }
}

fn any_or(text: &str) -> Option<String> {
    (text != "*").then(|| text.to_owned())
}

fn parse_ports(text: &str) -> Result<Option<Range<u32>>> {
    let number = |text: &str| text.parse::<u16>().map(u32::from).with_context(|| format!("{text:?} is not a port"));
    Ok(match text.split_once("..") {
        _ if text == "*" => None,
        Some((start, end)) => Some(number(start)?..number(end)?),
        None => Some(number(text)?..number(text)? + 1),
    })
}

fn default_ports(scheme: &str) -> Result<Option<Range<u32>>> {
    let port = default_port(scheme).with_context(|| format!("the scheme {scheme:?} has no default port, so give one"))?;
    Ok(Some(port.into()..u32::from(port) + 1))
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        "redis" => Some(6379),
        "postgres" => Some(5432),
        "mysql" => Some(3306),
        "mqtt" => Some(1883),
        _ => None,
    }
}

fn contains(network: IpAddr, bits: u8, address: IpAddr) -> bool {
    let (network, address, width) = match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => (u128::from(network.to_bits()), u128::from(address.to_bits()), 32),
        (IpAddr::V6(network), IpAddr::V6(address)) => (network.to_bits(), address.to_bits(), 128),
        _ => return false,
    };
    let host_bits = u32::from(width - bits.min(width));
    (network ^ address).checked_shr(host_bits).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allows() {
        for (entry, url, expected) in [
            ("https://api.example.com", "https://api.example.com/v1", true),
            ("https://api.example.com", "https://API.example.com/v1", true),
            ("https://api.example.com", "https://api.example.com:8443/", false),
            ("https://api.example.com", "http://api.example.com/", false),
            ("https://api.example.com", "https://api.example.com.evil.test/", false),
            ("https://*.example.com", "https://a.b.example.com/", true),
            ("https://*.example.com", "https://example.com/", false),
            ("http://127.0.0.1:*", "http://127.0.0.1:9/", true),
            ("http://127.0.0.1:8000..9000", "http://127.0.0.1:8999/", true),
            ("http://127.0.0.1:8000..9000", "http://127.0.0.1:9000/", false),
            ("*://*:*", "http://anything.test:1/", true),
            ("http://10.0.0.0/8", "http://10.1.2.3/", true),
            ("http://10.0.0.0/8", "http://11.1.2.3/", false),
            ("http://0.0.0.0/0", "http://11.1.2.3/", true),
            ("http://[::1]:80", "http://[::1]/", true),
            ("https://", "https://api.example.com/", false),
        ] {
            let hosts = AllowedHosts::parse(&[entry.to_owned()]).expect(entry);
            assert_eq!(hosts.allow(&url.parse().expect(url)), expected, "{entry} {url}");
        }
    }

    #[test]
    fn refuses() {
        for entry in ["example.com", "https://a/b", "https://a.*.com", "*://a", "https://a:x", "h1://a", "https://self"] {
            assert!(AllowedHosts::parse(&[entry.to_owned()]).is_err(), "{entry}");
        }
    }
}
