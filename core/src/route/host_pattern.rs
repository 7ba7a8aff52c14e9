//! The hosts of routes: `api.example.com`, `*.example.com`, `*`.

use crate::check::{name, url};

/// Every host.
pub const ANY: &str = "*";

/// Characters of a host name (RFC 1035 §2.3.4). A longer one is below no wildcard.
const MAX_HOST: usize = 253;

/// The pattern as it is compared, or what is wrong with it and how to mend it.
pub fn parse(text: &str) -> Result<String, (String, String)> {
    let lower = text.to_ascii_lowercase();
    let suffix = lower.strip_prefix("*.").unwrap_or(&lower);
    if lower == ANY || url::is_host_name(suffix) || is_ipv6(&lower) {
        return Ok(lower);
    }
    if let Some(placeholder) = name::placeholder(text) {
        return Err((format!("`{placeholder}` is a placeholder"), "put the real host in its place".to_owned()));
    }
    let bare = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest).split(['/', ':']).next().unwrap_or_default();
    let help = if url::is_host_name(bare) && bare != lower {
        format!("a host has neither scheme nor port nor path: write `{bare}`")
    } else {
        "write `api.example.com`, `*.example.com` or `*`".to_owned()
    };
    Err((format!("`{text}` is not a host"), help))
}

/// The patterns that a host can be meant by, the first to be asked first.
pub fn of(host: &str) -> impl Iterator<Item = String> {
    let short = if host.len() <= MAX_HOST { host } else { "" };
    let wildcards = short.match_indices('.').filter_map(move |(at, _)| short.get(at..)).map(|suffix| format!("*{suffix}"));
    std::iter::once(short.to_owned()).chain(wildcards).chain([ANY.to_owned()])
}

fn is_ipv6(text: &str) -> bool {
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    inner.is_some_and(|text| text.parse::<std::net::Ipv6Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn patterns() {
        for good in ["*", "*.example.com", "api.example.com", "API.example.com", "localhost", "127.0.0.1", "[::1]"] {
            assert_eq!(parse(good), Ok(good.to_ascii_lowercase()));
        }
        for (bad, help) in [
            ("", "write `api"),
            ("api.example.com:8443", "write `api.example.com`"),
            ("https://api.example.com/x", "write `api.example.com`"),
            ("api.*.com", "write `api.example.com`, "),
            ("*example.com", "`*.example.com`"),
            ("user@example.com", "write `api"),
            ("<HOST>", "real host"),
            ("[::1", "write `api"),
        ] {
            assert!(parse(bad).unwrap_err().1.contains(help), "{bad}: {:?}", parse(bad));
        }
    }

    #[test]
    fn the_longest_wildcard_is_asked_first() {
        assert_eq!(of("a.b.c").collect::<Vec<_>>(), ["a.b.c", "*.b.c", "*.c", "*"]);
        assert_eq!(of("localhost").collect::<Vec<_>>(), ["localhost", "*"]);
        assert_eq!(of(&"a.".repeat(9000)).collect::<Vec<_>>(), ["", "*"]);
    }
}
