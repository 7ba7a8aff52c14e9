use std::net::IpAddr;
use std::str::FromStr;

use http::Uri;
use http::uri::Scheme;

/// `HOST:PORT=URL`: a connection to HOST:PORT goes to the URL's host and port instead, with or without TLS as its scheme says.
/// The `Host` header, the path and the query stay the upstream's. For tests on one machine: [`ConnectTo::is_loopback`] must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectTo {
    pub host: String,
    pub port: u16,
    pub target: Target,
}

/// Where a connection goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    pub secure: bool,
    /// A name or an address, an IPv6 one without brackets.
    pub host: String,
    pub port: u16,
}

impl ConnectTo {
    /// Whether the URL stays on this machine.
    pub fn is_loopback(&self) -> bool {
        let host = self.target.host.as_str();
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

impl FromStr for ConnectTo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = |why: &str| format!("`{text}` is not HOST:PORT=URL: {why}");
        let (from, url) = text.split_once('=').ok_or_else(|| refuse("there is no `=`"))?;
        let (host, port) = from.rsplit_once(':').ok_or_else(|| refuse("the port is missing before `=`"))?;
        let port = port.parse().map_err(|_| refuse("the port before `=` is not a number up to 65535"))?;
        let host = bare(host).to_ascii_lowercase();
        if host.is_empty() {
            return Err(refuse("the host is missing before `=`"));
        }
        let uri: Uri = url.parse().map_err(|_| refuse("the part after `=` is not a URL"))?;
        let target = Target::of(&uri).ok_or_else(|| refuse("the URL needs the scheme http or https and a host"))?;
        if uri.path() != "/" || uri.query().is_some() {
            return Err(refuse("the URL may have no path, as path and query stay the upstream's"));
        }
        Ok(Self { host, port, target })
    }
}

impl Target {
    /// `None` unless the URI is an absolute http or https one.
    pub fn of(uri: &Uri) -> Option<Self> {
        let secure = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return None,
        };
        let host = bare(uri.host()?).to_ascii_lowercase();
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        (!host.is_empty()).then_some(Self { secure, host, port })
    }
}

fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_its_own_notation() {
        for (text, host, port, secure, to, to_port, loopback) in [
            ("api.example.com:443=http://127.0.0.1:9000", "api.example.com", 443, false, "127.0.0.1", 9000, true),
            ("API.example.com:443=https://localhost", "api.example.com", 443, true, "localhost", 443, true),
            ("[2001:db8::1]:80=http://[::1]:81/", "2001:db8::1", 80, false, "::1", 81, true),
            ("a:1=http://10.0.0.1:1", "a", 1, false, "10.0.0.1", 1, false),
            ("a:1=http://127.0.0.1.evil.com", "a", 1, false, "127.0.0.1.evil.com", 80, false),
        ] {
            let parsed: ConnectTo = text.parse().unwrap();
            let target = Target { secure, host: to.into(), port: to_port };
            assert_eq!(parsed, ConnectTo { host: host.into(), port, target }, "{text}");
            assert_eq!(parsed.is_loopback(), loopback, "{text}");
        }
    }

    #[test]
    fn refuses_the_rest() {
        for text in ["", "a:1", "a=http://b", "a:x=http://b", ":1=http://b", "a:1=b:1", "a:1=ftp://b", "a:1=http://b/path", "a:1=/x"] {
            assert!(text.parse::<ConnectTo>().is_err(), "{text}");
        }
    }
}
