//! One normal form of the path, which rules match and upstreams get.

use std::fmt;

use crate::hex;

/// A path without dot segments that starts with `/`, percent-encoded as the caller wrote it; or `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanPath(String);

/// Why a path is refused. The text is for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathRefusal {
    /// It does not start with a slash.
    NotAbsolute,
    /// A control character, plain or percent-encoded.
    Control,
    /// A `%` without two hexadecimal digits.
    Encoding,
    /// Dot segments that show only after more decoding than every server does.
    HiddenDots,
    /// Two slashes at the start of a path that was rewritten: part of it could be taken for a host.
    SlashSlash,
    /// What a rewriting made has more than 16 KiB.
    TooLong,
}

/// Bytes of a path that was rewritten: as many as a request's URI may have.
const MAX_PATH: usize = 16 * 1024;

impl CleanPath {
    /// Resolves plain and percent-encoded dot segments (RFC 3986 §5.2.4, WHATWG URL "double-dot path segment"). A path without
    /// them stays as it was: double slashes and `%2F` survive, as in model names.
    ///
    /// # Errors
    /// A path that servers read in different ways is refused: bad percent-encoding, control characters, and dot segments that
    /// only show after decoding a slash, a backslash or a second layer.
    pub fn new(raw: &str) -> Result<Self, PathRefusal> {
        if raw == "*" {
            return Ok(Self(raw.to_owned()));
        }
        let Some(rest) = raw.strip_prefix('/') else { return Err(PathRefusal::NotAbsolute) };
        let mut kept: Vec<&str> = Vec::new();
        let mut resolved = false;
        let mut ends_in_dots = false;
        for segment in rest.split('/') {
            let decoded = decode(segment)?;
            ends_in_dots = true;
            match decoded.as_slice() {
                b"." => resolved = true,
                b".." => {
                    resolved = true;
                    kept.pop();
                }
                other => {
                    refuse_hidden_dots(other)?;
                    kept.push(segment);
                    ends_in_dots = false;
                }
            }
        }
        if !resolved {
            return Ok(Self(raw.to_owned()));
        }
        let mut path = String::with_capacity(raw.len());
        for segment in &kept {
            path.push('/');
            path.push_str(segment);
        }
        if ends_in_dots || path.is_empty() {
            path.push('/');
        }
        Ok(Self(path))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Percent-decoded, for rules to compare; bytes that are not UTF-8 become U+FFFD.
    pub fn decoded(&self) -> String {
        decode(&self.0).map_or_else(|_| self.0.clone(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The path with `remove` cut from its start, where it starts so, and `add` put before it.
    ///
    /// # Errors
    /// When the result would leave the prefix that was added: cutting can turn `/a../x` into `../x`.
    pub fn rebased(&self, remove: Option<&str>, add: Option<&str>) -> Result<CleanPath, PathRefusal> {
        let rest = remove.and_then(|prefix| self.0.strip_prefix(prefix)).unwrap_or(&self.0);
        let slash = if rest.starts_with('/') || rest == "*" { "" } else { "/" };
        let rest = CleanPath::unchanged(&format!("{slash}{rest}"))?;
        match add {
            None => Ok(rest),
            Some(prefix) => CleanPath::unchanged(&format!("{}{}", prefix.trim_end_matches('/'), rest.0)),
        }
    }

    /// A path that a rule made, which has to be clean as it is.
    ///
    /// # Errors
    /// Also for one that starts with two slashes.
    pub fn rewritten(path: &str) -> Result<CleanPath, PathRefusal> {
        if path.len() > MAX_PATH {
            return Err(PathRefusal::TooLong);
        }
        if path.starts_with("//") || path.starts_with("/\\") {
            return Err(PathRefusal::SlashSlash);
        }
        if path == "*" { Err(PathRefusal::NotAbsolute) } else { Self::unchanged(path) }
    }

    fn unchanged(path: &str) -> Result<CleanPath, PathRefusal> {
        let clean = CleanPath::new(path)?;
        if clean.0 == path { Ok(clean) } else { Err(PathRefusal::HiddenDots) }
    }
}

fn decode(text: &str) -> Result<Vec<u8>, PathRefusal> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let byte = if byte == b'%' {
            let (Some(high), Some(low)) = (bytes.next().and_then(hex::digit), bytes.next().and_then(hex::digit)) else {
                return Err(PathRefusal::Encoding);
            };
            high << 4 | low
        } else {
            byte
        };
        if byte < 0x20 || byte == 0x7f {
            return Err(PathRefusal::Control);
        }
        decoded.push(byte);
    }
    Ok(decoded)
}

/// Dots behind an encoded slash, a backslash, a path parameter (`..;`) or a second layer of encoding.
fn refuse_hidden_dots(segment: &[u8]) -> Result<(), PathRefusal> {
    let is_dots = |piece: &[u8]| matches!(piece.split(|byte| *byte == b';').next(), Some(b"." | b".."));
    let hides = |text: &[u8]| text.split(|byte| matches!(byte, b'/' | b'\\')).any(is_dots);
    if hides(segment) {
        return Err(PathRefusal::HiddenDots);
    }
    if segment.contains(&b'%') && hides(&decode_leniently(segment)) {
        return Err(PathRefusal::HiddenDots);
    }
    Ok(())
}

/// Decodes what can be decoded, as servers do that decode twice: one broken escape must not hide the others.
fn decode_leniently(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, tail)) = rest.split_first() {
        let escaped = match tail {
            [high, low, after @ ..] if byte == b'%' => hex::digit(*high).zip(hex::digit(*low)).map(|(high, low)| (high << 4 | low, after)),
            _ => None,
        };
        let (byte, tail) = escaped.unwrap_or((byte, tail));
        decoded.push(byte);
        rest = tail;
    }
    decoded
}

impl fmt::Display for PathRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PathRefusal::NotAbsolute => "The path must start with a slash.",
            PathRefusal::Control => "The path has a control character.",
            PathRefusal::Encoding => "The path has a bad percent-encoding.",
            PathRefusal::HiddenDots => "The path has dot segments that cannot be resolved without doubt.",
            PathRefusal::SlashSlash => "The path would begin with two slashes.",
            PathRefusal::TooLong => "The path would be too long.",
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::test;

    use super::*;

    #[test]
    fn cleans() {
        let table: &[(&str, Result<&str, PathRefusal>)] = &[
            ("/", Ok("/")),
            ("/a/b", Ok("/a/b")),
            ("/a//b", Ok("/a//b")),
            ("/a/../b", Ok("/b")),
            ("/a/./b", Ok("/a/b")),
            ("/a/%2e%2e/b", Ok("/b")),
            ("/a/.%2E/b", Ok("/b")),
            ("/a/b/..", Ok("/a/")),
            ("/../../x", Ok("/x")),
            ("/..", Ok("/")),
            ("/models/a%2Fb", Ok("/models/a%2Fb")),
            ("/a%20b", Ok("/a%20b")),
            ("/...", Ok("/...")),
            ("/a..b", Ok("/a..b")),
            ("*", Ok("*")),
            ("", Err(PathRefusal::NotAbsolute)),
            ("a", Err(PathRefusal::NotAbsolute)),
            ("/a%2f..%2fb", Err(PathRefusal::HiddenDots)),
            ("/..%2fb", Err(PathRefusal::HiddenDots)),
            ("/a\\..\\b", Err(PathRefusal::HiddenDots)),
            ("/a%5c..", Err(PathRefusal::HiddenDots)),
            ("/%252e%252e/b", Err(PathRefusal::HiddenDots)),
            ("/%252e%252e%252fb%25zz", Err(PathRefusal::HiddenDots)),
            ("/%252e%252e%252f%2500", Err(PathRefusal::HiddenDots)),
            ("/100%25", Ok("/100%25")),
            ("/%25zz%25", Ok("/%25zz%25")),
            ("/..;/b", Err(PathRefusal::HiddenDots)),
            ("/%00", Err(PathRefusal::Control)),
            ("/%0d%0a", Err(PathRefusal::Control)),
            ("/%zz", Err(PathRefusal::Encoding)),
            ("/%2", Err(PathRefusal::Encoding)),
        ];
        for (raw, expected) in table {
            assert_eq!(CleanPath::new(raw).as_ref().map(CleanPath::as_str), expected.as_ref().copied(), "{raw}");
        }
    }

    #[test]
    fn rebases() {
        let table = [
            ("/v1/chat", Some("/v1"), None, Ok("/chat")),
            ("/v1", Some("/v1"), None, Ok("/")),
            ("/v2/chat", Some("/v1"), None, Ok("/v2/chat")),
            ("/v1x", Some("/v1"), None, Ok("/x")),
            ("/chat", None, Some("/v1beta/openai"), Ok("/v1beta/openai/chat")),
            ("/chat", None, Some("/v1/"), Ok("/v1/chat")),
            ("/a/chat", Some("/a"), Some("/b"), Ok("/b/chat")),
            ("/a../x", Some("/a"), Some("/b"), Err(PathRefusal::HiddenDots)),
            ("/a//evil", Some("/a"), None, Ok("//evil")),
        ];
        for (path, remove, add, expected) in table {
            let rebased = CleanPath::new(path).unwrap().rebased(remove, add);
            assert_eq!(rebased.as_ref().map(CleanPath::as_str), expected.as_ref().copied(), "{path} {remove:?} {add:?}");
        }
    }
}
