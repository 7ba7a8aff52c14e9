//! A request in the one form that both sides sign.

use std::borrow::Cow;

use crate::percent::{decode, encode, is_unreserved};

/// What is signed of a request.
pub struct Request<'a> {
    pub method: &'a str,
    /// As they go on the wire.
    pub path: &'a str,
    pub query: &'a str,
    /// In order; see [`headers`].
    pub headers: Vec<(&'a str, Cow<'a, str>)>,
    /// The body's SHA-256 in hexadecimal.
    pub payload: &'a str,
}

impl Request<'_> {
    /// The text whose digest is signed.
    pub fn text(&self, service: &str) -> String {
        let Request { method, payload, .. } = self;
        let path = if takes_path_as_it_is(service) { plain_path(self.path) } else { encoded_path(self.path) };
        let headers: String = self.headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        format!("{method}\n{path}\n{}\n{headers}\n{}\n{payload}", query(self.query), self.signed_headers())
    }

    /// The names, as the signature tells them.
    pub fn signed_headers(&self) -> String {
        self.headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";")
    }
}

/// Names in lower case, in order, each with its trimmed lines joined by commas and runs of spaces made one.
pub fn headers<'a>(lines: impl Iterator<Item = (&'a str, &'a [u8])>) -> Vec<(&'a str, Cow<'a, str>)> {
    let mut headers: Vec<(&str, Cow<'_, str>)> = Vec::new();
    let mut lines: Vec<_> = lines.collect();
    lines.sort_by_key(|(name, _)| *name);
    for (name, value) in lines {
        let value = single_spaces(value);
        match headers.last_mut() {
            Some((last, values)) if *last == name => *values = format!("{values},{value}").into(),
            _ => headers.push((name, value)),
        }
    }
    headers
}

/// The path with what no host leaves as it is encoded. Escapes stay.
pub fn settled_path(path: &str) -> String {
    // `pchar` of RFC 3986 §3.3, and what is written already.
    encode(path.as_bytes(), |byte| is_unreserved(byte) || b"!$&'()*+,;=:@/%".contains(&byte))
}

/// The query with each name and value in AWS's encoding, in the order in which it was.
pub fn settled_query(query: &str) -> String {
    let written: Vec<String> =
        pairs(query).map(|(name, value)| value.map_or_else(|| name.clone(), |value| format!("{name}={value}"))).collect();
    written.join("&")
}

/// Sorted by name, then by value.
fn query(query: &str) -> String {
    let mut pairs: Vec<_> = pairs(query).map(|(name, value)| (name, value.unwrap_or_default())).collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Names and values, encoded as AWS has it. `+` is a space, as in forms.
fn pairs(query: &str) -> impl Iterator<Item = (String, Option<String>)> {
    let recode = |text: &str| encode(&decode(&text.replace('+', " ")), is_unreserved);
    query.split('&').filter(|pair| !pair.is_empty()).map(move |pair| match pair.split_once('=') {
        Some((name, value)) => (recode(name), Some(recode(value))),
        None => (recode(pair), None),
    })
}

/// These take every path for the name of an object, whatever it looks like.
fn takes_path_as_it_is(service: &str) -> bool {
    matches!(service, "s3" | "s3express" | "s3-outposts" | "s3-object-lambda")
}

/// Encoded once, and not normalized.
fn plain_path(path: &str) -> String {
    encode(&decode(path), is_kept)
}

/// Normalized (RFC 3986 §5.2.4, and no empty segments), and encoded once more than it is.
fn encoded_path(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            other => kept.push(other),
        }
    }
    let is_folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    let end = if is_folder && !kept.is_empty() { "/" } else { "" };
    encode(format!("/{}{end}", kept.join("/")).as_bytes(), is_kept)
}

fn is_kept(byte: u8) -> bool {
    is_unreserved(byte) || byte == b'/'
}

fn single_spaces(value: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(value.trim_ascii());
    if text.contains("  ") { text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn paths() {
        for (path, encoded, plain) in [
            ("/", "/", "/"),
            ("/model/a.b-v1%3A0/invoke", "/model/a.b-v1%253A0/invoke", "/model/a.b-v1%3A0/invoke"),
            ("/model/a.b-v1:0/invoke", "/model/a.b-v1%3A0/invoke", "/model/a.b-v1%3A0/invoke"),
            ("//a//b/", "/a/b/", "//a//b/"),
            ("/a%20b+c", "/a%2520b%2Bc", "/a%20b%2Bc"),
            ("/%e4", "/%25e4", "/%E4"),
        ] {
            assert_eq!((encoded_path(path).as_str(), plain_path(path).as_str()), (encoded, plain), "{path}");
        }
    }

    #[test]
    fn what_hosts_would_change_is_changed_before() {
        for (path, want) in
            [("/a{b}|^\"", "/a%7Bb%7D%7C%5E%22"), ("/a%7Bb:@!$&'()*+,;=/", "/a%7Bb:@!$&'()*+,;=/"), ("/\u{1234}", "/%E1%88%B4")]
        {
            assert_eq!(settled_path(path), want);
        }
        for (query, want) in [("b=1+2&a&c=%7e&&=x", "b=1%202&a&c=~&=x"), ("a=b=c&d=e/f:g", "a=b%3Dc&d=e%2Ff%3Ag"), ("", "")] {
            assert_eq!(settled_query(query), want);
            assert_eq!(settled_query(want), want);
        }
        assert_eq!(query("b=2&a&b=1"), "a=&b=1&b=2");
    }
}
