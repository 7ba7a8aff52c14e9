use std::fmt;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{KeyRing, Purpose, SecretName, SecretValue};
use crate::platform::SecureRandom;

/// Names the format and its version.
const FORMAT: &str = "psl1";
const NONCE: usize = 12;

/// Why a sealed value cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealError {
    /// It was sealed under a master key that is neither the current nor the previous one.
    WrongKey { id: String },
    /// It is not the text that [`seal`] wrote for this name.
    Corrupted,
}

/// Encrypts a secret with AES-256-GCM, bound to its name: one line of `psl1.<key id>.<nonce>.<ciphertext>`, base64url without
/// padding, which is what the store and a `kind: Secret`'s `spec.sealed` hold. Safe to commit.
///
/// # Errors
/// [`SealError::Corrupted`] when the value is larger than the cipher takes (64 GiB).
pub fn seal(ring: &KeyRing, random: &dyn SecureRandom, name: &SecretName, value: &SecretValue) -> Result<String, SealError> {
    let key = ring.current(Purpose::Seal);
    let mut nonce = [0; NONCE];
    random.fill(&mut nonce);
    let ciphertext = Aes256Gcm::new(key.bytes().into())
        .encrypt(&Nonce::from(nonce), Payload { msg: value.expose(), aad: name.as_str().as_bytes() })
        .map_err(|_| SealError::Corrupted)?;
    Ok(format!("{FORMAT}.{}.{}.{}", key.id(), URL_SAFE_NO_PAD.encode(nonce), URL_SAFE_NO_PAD.encode(ciphertext)))
}

/// Opens what [`seal`] made under the same name.
///
/// # Errors
/// [`SealError`].
pub fn open(ring: &KeyRing, name: &SecretName, sealed: &str) -> Result<SecretValue, SealError> {
    let Sealed { id, nonce, ciphertext } = parse(sealed).ok_or(SealError::Corrupted)?;
    let key = ring.by_id(Purpose::Seal, id).ok_or_else(|| SealError::WrongKey { id: id.chars().take(16).collect() })?;
    Aes256Gcm::new(key.bytes().into())
        .decrypt(&Nonce::from(nonce), Payload { msg: &ciphertext, aad: name.as_str().as_bytes() })
        .map(SecretValue::new)
        .map_err(|_| SealError::Corrupted)
}

/// Whether a text has the form of a sealed value; only [`open`] tells whether it is one.
pub fn is_sealed(text: &str) -> bool {
    parse(text).is_some()
}

struct Sealed<'a> {
    /// Of the master key.
    id: &'a str,
    nonce: [u8; NONCE],
    ciphertext: Vec<u8>,
}

fn parse(sealed: &str) -> Option<Sealed<'_>> {
    let mut parts = sealed.split('.');
    let (Some(FORMAT), Some(id), Some(nonce), Some(ciphertext), None) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let nonce = <[u8; NONCE]>::try_from(URL_SAFE_NO_PAD.decode(nonce).ok()?).ok()?;
    Some(Sealed { id, nonce, ciphertext: URL_SAFE_NO_PAD.decode(ciphertext).ok()? })
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SealError::WrongKey { id } => {
                write!(f, "it was sealed under the master key {id:?}, which is neither POSTERN_KEY nor POSTERN_KEY_PREVIOUS")
            }
            SealError::Corrupted => f.write_str("it is not a value that was sealed under this name"),
        }
    }
}

impl std::error::Error for SealError {}

#[cfg(test)]
mod tests {
    use super::super::testing::{FixedRandom, master};
    use super::*;
    use crate::testing::test;

    fn name(text: &str) -> SecretName {
        SecretName::parse(text).unwrap()
    }

    #[test]
    fn opens_what_it_sealed_and_nothing_else() {
        let ring = KeyRing::new("localhost", master(1), None);
        let value = SecretValue::new(b"sk-\0\n\xff".to_vec());
        let sealed = seal(&ring, &FixedRandom::default(), &name("openai-key"), &value).unwrap();
        assert_eq!(open(&ring, &name("openai-key"), &sealed).unwrap().expose(), value.expose());
        assert!(sealed.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte)), "{sealed}");

        let fields: Vec<&str> = sealed.split('.').collect();
        let with = |index: usize, text: &str| {
            let mut fields = fields.clone();
            fields[index] = text;
            fields.join(".")
        };
        let flipped = |text: &str| {
            let mut bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
            bytes[0] ^= 1;
            URL_SAFE_NO_PAD.encode(bytes)
        };
        let table = [
            (with(0, "psl2"), SealError::Corrupted),
            (with(1, "00000000"), SealError::WrongKey { id: "00000000".into() }),
            (with(2, &flipped(fields[2])), SealError::Corrupted),
            (with(2, "AAAA"), SealError::Corrupted),
            (with(3, &flipped(fields[3])), SealError::Corrupted),
            (with(3, ""), SealError::Corrupted),
            (with(3, "!"), SealError::Corrupted),
            (format!("{sealed}.x"), SealError::Corrupted),
            (sealed[..sealed.len() - 1].to_owned(), SealError::Corrupted),
            (String::new(), SealError::Corrupted),
        ];
        for (text, want) in table {
            assert_eq!(open(&ring, &name("openai-key"), &text).err(), Some(want), "{text}");
        }
        assert_eq!(open(&ring, &name("other-key"), &sealed).err(), Some(SealError::Corrupted), "under another name");
        let other_domain = KeyRing::new("example.com", master(1), None);
        assert_eq!(open(&other_domain, &name("openai-key"), &sealed).err(), Some(SealError::Corrupted), "in another domain");
    }

    #[test]
    fn survives_a_rotation_of_the_master_key() {
        let old = KeyRing::new("localhost", master(1), None);
        let sealed = seal(&old, &FixedRandom::default(), &name("a-key"), &SecretValue::new(b"x".to_vec())).unwrap();
        assert!(open(&KeyRing::new("localhost", master(2), Some(master(1))), &name("a-key"), &sealed).is_ok());
        let gone = KeyRing::new("localhost", master(3), Some(master(2)));
        assert_eq!(open(&gone, &name("a-key"), &sealed).err(), Some(SealError::WrongKey { id: master(1).id().to_string() }));
    }

    /// Test case 14 of the GCM specification (McGrew and Viega), with a key of zeros, guards the cipher's wiring.
    #[test]
    fn gcm_vector() {
        let cipher = Aes256Gcm::new(&[0_u8; 32].into());
        let sealed = cipher.encrypt(&Nonce::from([0; NONCE]), Payload { msg: &[0; 16], aad: &[] }).unwrap();
        assert_eq!(crate::hex::encode(&sealed), "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
    }
}
