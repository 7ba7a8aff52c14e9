//! Addresses that operators write.

use http::Uri;

use super::name::placeholder;

/// Parses an absolute URL, or says what is wrong with it.
pub fn parse(text: &str) -> Result<Uri, String> {
    if let Some(placeholder) = placeholder(text) {
        return Err(format!("`{placeholder}` is a placeholder: put the real value in its place"));
    }
    if text.len() > 2048 {
        return Err("an address has at most 2048 characters".to_owned());
    }
    if text.contains('#') {
        return Err(format!("`{text}` has a fragment"));
    }
    let uri: Uri = text.parse().map_err(|error| format!("`{text}` is not a URL: {error}"))?;
    let authority = match (uri.scheme(), uri.authority()) {
        (Some(_), Some(authority)) => authority,
        _ => return Err(format!("`{text}` is not a whole URL, such as `https://api.example.com`")),
    };
    if authority.as_str().contains('@') {
        return Err("an address may not hold a user name or password".to_owned());
    }
    if authority.host().is_empty() {
        return Err(format!("`{text}` has no host"));
    }
    let port = authority.as_str().strip_prefix(authority.host()).and_then(|rest| rest.strip_prefix(':'));
    if port.is_some_and(|port| port.parse::<u16>().unwrap_or(0) == 0) {
        return Err(format!("`{text}` has no valid port"));
    }
    Ok(uri)
}

/// Whether a URL has neither path nor query.
pub fn is_origin(uri: &Uri) -> bool {
    matches!(uri.path(), "" | "/") && uri.query().is_none()
}

/// A host name (RFC 1123 §2.1), in lower case.
pub fn is_host_name(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn addresses() {
        for good in ["https://api.example.com", "http://127.0.0.1:8080/", "ws://[::1]:9", "https://a/b?c"] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for (bad, fault) in [
            ("", "not a URL"),
            ("api.example.com", "whole URL"),
            ("/x", "whole URL"),
            ("https://", "not a URL"),
            ("https://<HOST>", "placeholder"),
            ("https://user:pw@a", "password"),
            ("https://a:99999", "port"),
            ("https://a:0", "port"),
            ("https://a:", "port"),
            ("https://a b", "not a URL"),
            ("https://a/#f", "fragment"),
        ] {
            assert!(parse(bad).unwrap_err().contains(fault), "{bad}: {:?}", parse(bad));
        }
        assert!(!parse("https://user:pw@a").unwrap_err().contains("pw"));
    }

    #[test]
    fn host_names() {
        for good in ["localhost", "example.com", "a-1.b"] {
            assert!(is_host_name(good), "{good}");
        }
        for bad in ["", "Example.com", "a..b", "-a", "a_b", "a:80", "a/b"] {
            assert!(!is_host_name(bad), "{bad}");
        }
    }
}
