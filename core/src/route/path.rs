//! The path of a request beside those of routes.

use std::rc::Rc;

use super::Refused;
use super::pattern::{Effort, Pattern};
use crate::percent;
use crate::receive::CleanPath;

/// A path as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Percent-decoded but for what would make another path of it, so that no spelling of a path evades its route.
    pub literal: String,
    /// As servers may read it that decode slashes and backslashes, decode twice, merge slashes, or cut parameters of segments; `None`
    /// where that is the same.
    pub loose: Option<String>,
}

/// How a route compares paths.
#[derive(Debug)]
pub enum PathMatcher {
    Any,
    Prefix(Prefix),
    Exact { text: String, ignore_case: bool },
    Regex(Pattern),
}

/// Whole segments from the start of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix {
    /// As [`Reading::literal`], without a slash at the end: empty for `/`.
    text: Rc<str>,
    ignore_case: bool,
}

impl Reading {
    pub fn of(path: &CleanPath) -> Self {
        let literal = literal(path.as_str());
        let loose = loose(path.as_str());
        Self { loose: (loose != literal).then_some(loose), literal }
    }
}

impl PathMatcher {
    /// # Errors
    /// When the regular expressions have read too much for this request.
    pub fn applies(&self, path: &str, effort: &Effort) -> Result<bool, Refused> {
        Ok(match self {
            Self::Any => true,
            Self::Prefix(prefix) => prefix.starts(path),
            Self::Exact { text, ignore_case } => same(path, text, *ignore_case),
            Self::Regex(pattern) => pattern.is_match(path, effort)?,
        })
    }
}

impl Prefix {
    /// `text` is a clean path.
    pub fn new(text: &str, ignore_case: bool) -> Self {
        Self { text: literal(text.trim_end_matches('/')).into(), ignore_case }
    }

    /// Its length as it counts between routes.
    pub fn length(&self) -> usize {
        self.text.len()
    }

    /// What follows the prefix in a path, as it was written: empty, or from a slash on. `None` for a path that starts otherwise, as one
    /// may that was changed after its route was chosen.
    pub fn rest<'p>(&self, path: &'p CleanPath) -> Option<&'p str> {
        let path = path.as_str();
        let segments = self.text.matches('/').count();
        let end = path.match_indices('/').nth(segments).map_or(path.len(), |(at, _)| at);
        let (head, rest) = path.split_at_checked(end)?;
        same(&literal(head), &self.text, self.ignore_case).then_some(rest)
    }

    fn starts(&self, path: &str) -> bool {
        let (Some(head), Some(rest)) = (path.get(..self.text.len()), path.get(self.text.len()..)) else { return false };
        same(head, &self.text, self.ignore_case) && (rest.is_empty() || rest.starts_with('/'))
    }
}

/// The first segment, with the slash before it.
pub fn first_segment(path: &str) -> &str {
    let end = path.get(1..).and_then(|rest| rest.find('/')).map_or(path.len(), |at| at + 1);
    path.get(..end).unwrap_or(path)
}

/// Decodes everything but slashes, backslashes and percent signs, which stay encoded in upper case.
pub fn literal(path: &str) -> String {
    if !path.contains('%') {
        return path.to_owned();
    }
    let mut decoded = Vec::with_capacity(path.len());
    for (index, part) in path.split('%').enumerate() {
        if index == 0 {
            decoded.extend_from_slice(part.as_bytes());
            continue;
        }
        match part.get(..2).map(|digits| (percent::decode(&format!("%{digits}")), part.get(2..).unwrap_or_default())) {
            Some((byte, rest)) if byte.len() == 1 && !matches!(byte.as_slice(), b"/" | b"\\" | b"%") => {
                decoded.extend_from_slice(&byte);
                decoded.extend_from_slice(rest.as_bytes());
            }
            Some((_, rest)) => {
                decoded.push(b'%');
                decoded.extend_from_slice(part.get(..2).unwrap_or_default().to_ascii_uppercase().as_bytes());
                decoded.extend_from_slice(rest.as_bytes());
            }
            None => {
                decoded.push(b'%');
                decoded.extend_from_slice(part.as_bytes());
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn loose(path: &str) -> String {
    if !path.contains(['%', '\\', ';']) && !path.contains("//") {
        return path.to_owned();
    }
    let once = String::from_utf8_lossy(&percent::decode(path)).into_owned();
    let decoded = String::from_utf8_lossy(&percent::decode(&once)).replace('\\', "/");
    let mut read = String::with_capacity(decoded.len());
    for segment in decoded.split('/').map(|segment| segment.split(';').next().unwrap_or_default()).filter(|segment| !segment.is_empty()) {
        read.push('/');
        read.push_str(segment);
    }
    if decoded.ends_with('/') || read.is_empty() {
        read.push('/');
    }
    read
}

fn same(one: &str, other: &str, ignore_case: bool) -> bool {
    if ignore_case { one.eq_ignore_ascii_case(other) } else { one == other }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn readings() {
        for (path, literal, loose) in [
            ("/", "/", None),
            ("/a/b", "/a/b", None),
            ("/%6Fpenai/x", "/openai/x", None),
            ("/a/%40cf%20x", "/a/@cf x", None),
            ("/%C3%BC", "/\u{fc}", None),
            ("/a%2fb", "/a%2Fb", Some("/a/b")),
            ("/a%5cb", "/a%5Cb", Some("/a/b")),
            ("/%256Fpenai", "/%256Fpenai", Some("/openai")),
            ("/100%25", "/100%25", Some("/100%")),
            ("//a", "//a", Some("/a")),
            ("/a//", "/a//", Some("/a/")),
            ("/a;x=1/b", "/a;x=1/b", Some("/a/b")),
            ("//", "//", Some("/")),
        ] {
            let expected = Reading { literal: literal.to_owned(), loose: loose.map(str::to_owned) };
            assert_eq!(Reading::of(&CleanPath::new(path).unwrap()), expected, "{path}");
        }
    }

    #[test]
    fn prefixes_are_whole_segments() {
        for (prefix, ignore_case, path, rest) in [
            ("/openai", false, "/openai", Some("")),
            ("/openai", false, "/openai/", Some("/")),
            ("/openai/", false, "/openai", Some("")),
            ("/openai", false, "/openai/v1", Some("/v1")),
            ("/openai", false, "/openaix", None),
            ("/openai", false, "/OpenAI/v1", None),
            ("/openai", true, "/OpenAI/v1", Some("/v1")),
            ("/openai", false, "/%6fpen%61i/v%31", Some("/v%31")),
            ("/openai", false, "//openai", None),
            ("/a/b", false, "/a/b//c", Some("//c")),
            ("/a/b", false, "/a%2Fb/c", None),
            ("/", false, "/x", Some("/x")),
            ("/", false, "/", Some("/")),
        ] {
            let (prefix, path) = (Prefix::new(prefix, ignore_case), CleanPath::new(path).unwrap());
            assert_eq!(prefix.rest(&path), rest, "{prefix:?} {path:?}");
            assert_eq!(prefix.starts(&literal(path.as_str())), rest.is_some(), "{prefix:?} {path:?}");
        }
    }

    #[test]
    fn first_segments() {
        for (path, first) in [("/", "/"), ("/a", "/a"), ("/a/b", "/a"), ("//a", "/"), ("", "")] {
            assert_eq!(first_segment(path), first);
        }
    }
}
