use http::uri::Authority;
use http::{HeaderMap, Uri, Version, header};

/// The host and port that a request is for. `None` when it names none, several, or none that is valid.
///
/// RFC 9112 §3.2: exactly one valid `Host` line, whatever the version (a 1.0 request without one names no service), and in
/// absolute form the URI's host counts instead of it. RFC 9113 §8.3.1: over HTTP/2 `Host` must agree with `:authority`. User
/// information is refused (RFC 9110 §4.2.4).
pub(super) fn authority(version: Version, uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    let mut lines = headers.get_all(header::HOST).iter();
    let line = lines.next();
    if lines.next().is_some() {
        return None;
    }
    let host = match line {
        Some(value) => Some(parse(value.to_str().ok()?)?),
        None => None,
    };
    match (uri.authority(), host) {
        (Some(named), Some(host)) if version >= Version::HTTP_2 => (*named == host).then(|| checked(named.clone())).flatten(),
        (Some(named), None) if version >= Version::HTTP_2 => checked(named.clone()),
        (Some(named), Some(_)) => checked(named.clone()),
        (None, Some(host)) => Some(host),
        (_, None) => None,
    }
}

fn parse(text: &str) -> Option<Authority> {
    checked(text.parse().ok()?)
}

fn checked(authority: Authority) -> Option<Authority> {
    let text = authority.as_str();
    // The parser takes `host:` and ports that are no port for fine.
    let after = text.rsplit_once(']').map_or(text, |(_, after)| after);
    let port = after.split_once(':').map(|(_, port)| port);
    let good = !authority.host().is_empty() && !text.contains('@') && port.is_none_or(|port| port.parse::<u16>().is_ok());
    good.then_some(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_one_valid_host() {
        let (one, two) = (Version::HTTP_11, Version::HTTP_2);
        for (version, uri, hosts, expected) in [
            (one, "/x", &["a.test"][..], Some("a.test")),
            (one, "/x", &["a.test:8080"], Some("a.test:8080")),
            (one, "/x", &["[::1]:8080"], Some("[::1]:8080")),
            (Version::HTTP_10, "/x", &["a.test"], Some("a.test")),
            (Version::HTTP_10, "/x", &[], None),
            (one, "/x", &[], None),
            (one, "/x", &[""], None),
            (one, "/x", &["a.test", "a.test"], None),
            (one, "/x", &["a.test", "b.test"], None),
            (one, "/x", &["a b"], None),
            (one, "/x", &["a.test/x"], None),
            (one, "/x", &["user@a.test"], None),
            (one, "/x", &["a.test:"], None),
            (one, "/x", &["a.test:99999"], None),
            (one, "/x", &["a.test:80x"], None),
            (one, "/x", &["a.test, b.test"], None),
            (one, "http://a.test/x", &["b.test"], Some("a.test")),
            (one, "http://a.test/x", &[], None),
            (one, "http://user@a.test/x", &["a.test"], None),
            (two, "http://a.test/x", &[], Some("a.test")),
            (two, "http://a.test/x", &["a.test"], Some("a.test")),
            (two, "http://a.test/x", &["b.test"], None),
            (two, "/x", &["a.test"], Some("a.test")),
            (two, "/x", &[], None),
        ] {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(header::HOST, host.parse().unwrap());
            }
            let found = authority(version, &uri.parse().unwrap(), &headers);
            assert_eq!(found.as_ref().map(Authority::as_str), expected, "{version:?} {uri} {hosts:?}");
        }
    }
}
