//! Keys in a configuration: what they may be, and the digests that take their place in the Snapshot.

use std::fmt;

use super::super::digest;
use crate::secret::{KeyRing, Purpose};

/// Characters of a key.
const MAX_KEY: usize = 512;

/// Why a text cannot be a key. The texts quote nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyFault {
    Length,
    /// Not visible ASCII, or a comma, which is what joins two lines of a header.
    Character,
}

/// What stands for a key in a Snapshot, under the ring's current key: `<id of the master key>.<hexadecimal>`.
pub fn key_digest(ring: &KeyRing, key: &str) -> String {
    let derived = ring.current(Purpose::Digest);
    format!("{}.{}", derived.id(), digest::api_key(&derived, key))
}

/// The key in a text that an operator wrote. One newline at its end is cut.
///
/// # Errors
/// [`KeyFault`].
pub(crate) fn read_key(text: &str) -> Result<&str, KeyFault> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() || text.len() > MAX_KEY {
        Err(KeyFault::Length)
    } else if !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',') {
        Err(KeyFault::Character)
    } else {
        Ok(text)
    }
}

/// Whether the text has the form of a digest.
pub(crate) fn is_digest(text: &str) -> bool {
    let is_hex = |text: &str, length: usize| text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    text.split_once('.').is_some_and(|(id, digest)| is_hex(id, 8) && is_hex(digest, 64))
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyFault::Length => write!(f, "a key has 1 to {MAX_KEY} characters"),
            KeyFault::Character => f.write_str("a key has only visible characters of ASCII, and no comma"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::testing::master;
    use crate::testing::test;

    #[test]
    fn digests_have_their_form() {
        let ring = KeyRing::new("localhost", master(1), None);
        let made = key_digest(&ring, "k");
        assert!(is_digest(&made), "{made}");
        assert_ne!(made, key_digest(&ring, "l"));
        assert_ne!(made, key_digest(&KeyRing::new("example.com", master(1), None), "k"));
        for bad in ["", ".", &made.to_uppercase(), &made[1..], &format!("{made}0"), &made.replace('.', "")] {
            assert!(!is_digest(bad), "{bad}");
        }
    }

    #[test]
    fn keys() {
        for (text, want) in [
            ("k", Ok("k")),
            ("N2YwMDIxZTEtNGUzNS1jNzgz=\r\n", Ok("N2YwMDIxZTEtNGUzNS1jNzgz=")),
            ("", Err(KeyFault::Length)),
            ("\n", Err(KeyFault::Length)),
            ("a,b", Err(KeyFault::Character)),
            ("a b", Err(KeyFault::Character)),
            ("a\nb", Err(KeyFault::Character)),
            ("\u{e4}", Err(KeyFault::Character)),
        ] {
            assert_eq!(read_key(text), want, "{text:?}");
        }
        assert_eq!(read_key(&"k".repeat(513)), Err(KeyFault::Length));
    }
}
