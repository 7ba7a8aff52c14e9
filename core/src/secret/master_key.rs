use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::hkdf_sha256;
use crate::hex;

/// `POSTERN_KEY`: 32 random bytes that all keys are derived from.
#[derive(Clone)]
pub struct MasterKey {
    pub(super) bytes: Zeroizing<[u8; 32]>,
    id: KeyId,
}

/// Names a master key without telling anything of it: 8 hex digits, made from the key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(String);

/// Why there is no master key. The texts are for the operator; they hold nothing of the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyError {
    Missing,
    NotBase64 { variable: &'static str },
    WrongLength { variable: &'static str, bytes: usize },
}

impl MasterKey {
    /// Reads standard base64 with padding (RFC 4648 §4) of exactly 32 bytes. `variable` is where the text came from, for the error.
    ///
    /// # Errors
    /// [`KeyError::NotBase64`] and [`KeyError::WrongLength`].
    pub fn parse(text: &str, variable: &'static str) -> Result<Self, KeyError> {
        let decoded = Zeroizing::new(STANDARD.decode(text).map_err(|_| KeyError::NotBase64 { variable })?);
        let bytes = <[u8; 32]>::try_from(decoded.as_slice()).map_err(|_| KeyError::WrongLength { variable, bytes: decoded.len() })?;
        Ok(Self::from_bytes(Zeroizing::new(bytes)))
    }

    pub fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        let derived = hkdf_sha256(&[], bytes.as_slice(), &[b"postern/1\0key-id"]);
        let [a, b, c, d, ..] = *derived;
        let id = hex::encode(&[a, b, c, d]);
        Self { bytes, id: KeyId(id) }
    }

    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// The text that [`MasterKey::parse`] reads, for `postern key create`.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(self.bytes.as_slice()))
    }
}

impl KeyId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({}, redacted)", self.id)
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyError::Missing => f.write_str("POSTERN_KEY is not set: `postern key create` makes one"),
            KeyError::NotBase64 { variable } => {
                write!(f, "{variable} is not standard base64 with padding: it takes the 44 characters that `postern key create` prints")
            }
            KeyError::WrongLength { variable, bytes } => {
                write!(f, "{variable} holds {bytes} bytes where a key has 32: `postern key create` makes one")
            }
        }
    }
}

impl std::error::Error for KeyError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn parses_only_32_bytes_of_standard_base64() {
        let good = STANDARD.encode([0xfb; 32]);
        let unpadded = good.trim_end_matches('=').to_owned();
        let url_safe = good.replace('+', "-").replace('/', "_");
        let not_base64 = KeyError::NotBase64 { variable: "POSTERN_KEY" };
        let wrong = |bytes| KeyError::WrongLength { variable: "POSTERN_KEY", bytes };
        let table = [
            (good.clone(), None),
            (unpadded, Some(not_base64.clone())),
            (url_safe, Some(not_base64.clone())),
            (format!("{good}\n"), Some(not_base64.clone())),
            (String::from("not a key!"), Some(not_base64)),
            (String::new(), Some(wrong(0))),
            (STANDARD.encode([1; 31]), Some(wrong(31))),
            (STANDARD.encode([1; 33]), Some(wrong(33))),
        ];
        for (text, want) in table {
            assert_eq!(MasterKey::parse(&text, "POSTERN_KEY").err(), want, "{text:?}");
        }
        assert_eq!(*MasterKey::parse(&good, "POSTERN_KEY").unwrap().to_text(), good);
    }

    #[test]
    fn ids_tell_keys_apart_and_debug_tells_no_key() {
        let (a, b) = (MasterKey::from_bytes(Zeroizing::new([1; 32])), MasterKey::from_bytes(Zeroizing::new([2; 32])));
        assert_ne!(a.id(), b.id());
        assert_eq!(a.id().as_str().len(), 8);
        assert_eq!(format!("{a:?}"), format!("MasterKey({}, redacted)", a.id()));
    }
}
