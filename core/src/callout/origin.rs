use std::fmt;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

use super::host::{Host, is_internal};

/// Scheme, host and port (RFC 6454 §4), in the one spelling that is compared: lower case, no port that the scheme implies, and no
/// address in disguise. It is written as in `https://api.example.com` or `http://[::1]:9000`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    secure: bool,
    /// Host, and the port where it is not implied.
    authority: String,
}

/// Why a URL has no origin that could be called. The texts are for operators and for scripts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OriginFault {
    /// Not `http` or `https`.
    Scheme,
    /// `https://user@host`: what stands before the `@` looks like the host.
    UserInformation,
    /// Neither a name nor an address, or a port that is none.
    Host(String),
    /// An IPv4 address in another spelling than four decimal numbers; the address, if it is one.
    Disguised { host: String, address: Option<String> },
}

impl Origin {
    /// The origin of an absolute `http` or `https` URL.
    ///
    /// # Errors
    /// [`OriginFault`].
    pub fn of(uri: &Uri) -> Result<Self, OriginFault> {
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(OriginFault::Scheme),
        };
        let authority = uri.authority().ok_or(OriginFault::Scheme)?;
        if authority.as_str().contains('@') {
            return Err(OriginFault::UserInformation);
        }
        let host = authority.host().to_ascii_lowercase();
        match Host::read(&host) {
            Host::Name(_) | Host::Address(_) => {}
            Host::Disguised(address) => return Err(OriginFault::Disguised { host, address: address.map(|address| address.to_string()) }),
            Host::Invalid => return Err(OriginFault::Host(host)),
        }
        Self::new(secure, host, authority)
    }

    /// The origin of an upstream, where `ws` and `wss` are `http` and `https` that may be upgraded. Its host stays as the operator
    /// spelled it.
    pub fn of_upstream(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let secure = match uri.scheme_str()? {
            "https" | "wss" => true,
            "http" | "ws" => false,
            _ => return None,
        };
        let authority = uri.authority()?;
        Self::new(secure, authority.host().to_ascii_lowercase(), authority).ok()
    }

    /// The URL of a path here.
    ///
    /// # Errors
    /// When the parts do not make a URL.
    pub fn uri(&self, path: &PathAndQuery) -> Result<Uri, http::Error> {
        let scheme = if self.secure { Scheme::HTTPS } else { Scheme::HTTP };
        Uri::builder().scheme(scheme).authority(self.authority.as_str()).path_and_query(path.clone()).build()
    }

    /// Whether the host is an address of a private network, of the machine itself, or the like.
    pub fn is_internal(&self) -> bool {
        let host = self.authority.parse::<Authority>().map(|authority| authority.host().to_owned()).unwrap_or_default();
        matches!(Host::read(&host), Host::Address(address) if is_internal(address))
    }

    fn new(secure: bool, host: String, authority: &Authority) -> Result<Self, OriginFault> {
        let rest = authority.as_str().rsplit('@').next().unwrap_or_default().get(host.len()..).unwrap_or_default();
        let port = match rest.strip_prefix(':') {
            None => None,
            Some(digits) => match digits.parse::<u16>() {
                Ok(port) if port > 0 => Some(port),
                _ => return Err(OriginFault::Host(authority.as_str().to_owned())),
            },
        };
        let implied = if secure { 443 } else { 80 };
        // An address has several spellings in IPv6 too.
        let host = match Host::read(&host) {
            Host::Address(std::net::IpAddr::V6(address)) => format!("[{address}]"),
            _ => host,
        };
        let authority = match port.filter(|port| *port != implied) {
            Some(port) => format!("{host}:{port}"),
            None => host,
        };
        Ok(Self { secure, authority })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.secure { "https" } else { "http" }, self.authority)
    }
}

impl fmt::Display for OriginFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OriginFault::Scheme => f.write_str("this is not a whole URL with the scheme https or http"),
            OriginFault::UserInformation => f.write_str("an address may not hold a user name or password"),
            OriginFault::Host(host) => write!(f, "{host:?} is not a host"),
            OriginFault::Disguised { host, address: Some(address) } => write!(f, "{host:?} is another spelling of {address}"),
            OriginFault::Disguised { host, address: None } => write!(f, "{host:?} is neither a name nor an address"),
        }
    }
}

impl std::error::Error for OriginFault {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    fn of(url: &str) -> Result<String, String> {
        let uri: Uri = url.parse().map_err(|_| "no URL".to_owned())?;
        Origin::of(&uri).map(|origin| origin.to_string()).map_err(|fault| fault.to_string())
    }

    #[test]
    fn one_spelling_is_compared() {
        for (url, origin) in [
            ("https://API.example.com/v1?x", "https://api.example.com"),
            ("https://api.example.com:443", "https://api.example.com"),
            ("http://api.example.com:443", "http://api.example.com:443"),
            ("HTTP://localhost:9000/x", "http://localhost:9000"),
            ("http://[0:0::0:1]:80/", "http://[::1]"),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
        ] {
            assert_eq!(of(url).as_deref(), Ok(origin), "{url}");
        }
    }

    #[test]
    fn what_has_none() {
        for (url, why) in [
            ("ftp://a.example", "https or http"),
            ("/x", "https or http"),
            ("a.example:80", "https or http"),
            ("https://a.example@b.example/", "user name"),
            ("https://a.example:0/", "not a host"),
            ("https://a.example:99999/", "not a host"),
            ("https://a..example/", "not a host"),
            ("http://2130706433/", "another spelling of 127.0.0.1"),
            ("http://0xA9FEA9FE/", "another spelling of 169.254.169.254"),
            ("http://[::ffff:169.254.169.254]/", "another spelling of 169.254.169.254"),
            ("http://[64:ff9b::a9fe:a9fe]/", "another spelling of 169.254.169.254"),
            ("http://1.2.3.4.5/", "neither a name nor an address"),
            ("http://\u{ff11}27.0.0.1/", "no URL"),
            ("http://127%2e0.0.1/", "no URL"),
            ("http://127.0.0.1\\@a.example/", "no URL"),
        ] {
            assert!(of(url).as_ref().is_err_and(|fault| fault.contains(why)), "{url}: {:?}", of(url));
        }
    }

    #[test]
    fn upstreams_stay_as_they_are_spelled() {
        for (url, origin) in [
            ("https://API.example.com/v1", Some("https://api.example.com")),
            ("wss://a.example", Some("https://a.example")),
            ("ws://[::1]:9000", Some("http://[::1]:9000")),
            ("http://0x7f.1:81", Some("http://0x7f.1:81")),
            ("ssh://example.com", None),
            ("/path", None),
        ] {
            assert_eq!(Origin::of_upstream(url).map(|origin| origin.to_string()).as_deref(), origin, "{url}");
        }
    }

    #[test]
    fn a_path_keeps_its_origin() {
        let origin = Origin::of_upstream("http://[::1]:9000").unwrap();
        assert_eq!(origin.uri(&PathAndQuery::from_static("/a?b")).unwrap(), "http://[::1]:9000/a?b");
        assert!(origin.is_internal());
        assert!(!Origin::of_upstream("https://localhost.example").unwrap().is_internal());
    }
}
