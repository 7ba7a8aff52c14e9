//! The hashes of `htpasswd`: Apache's MD5-crypt and a plain SHA-1. Both are weak against whoever has them; they are taken because
//! operators have them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use sha1::Sha1;

use super::super::digest;

/// The hash of a password.
#[derive(Clone)]
pub(super) enum Hash {
    /// `$apr1$<salt>$<hash>`
    Apr1 { salt: Vec<u8>, hash: Vec<u8> },
    /// `{SHA}<base64>`
    Sha1(Vec<u8>),
}

const MAGIC: &str = "$apr1$";
const MAX_SALT: usize = 8;
/// Rounds, fixed by the format.
const ROUNDS: usize = 1000;

impl Hash {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(base64) = text.strip_prefix("{SHA}") {
            return STANDARD.decode(base64).ok().filter(|hash| hash.len() == 20).map(Self::Sha1);
        }
        let (salt, hash) = text.strip_prefix(MAGIC)?.split_once('$')?;
        let is_known = |text: &str| text.bytes().all(|byte| ALPHABET.contains(&byte));
        let is_whole = (1..=MAX_SALT).contains(&salt.len()) && hash.len() == 22 && is_known(salt) && is_known(hash);
        is_whole.then(|| Self::Apr1 { salt: salt.as_bytes().to_vec(), hash: hash.as_bytes().to_vec() })
    }

    /// Compares in constant time.
    pub(super) fn is_of(&self, password: &[u8]) -> bool {
        match self {
            Self::Apr1 { salt, hash } => digest::equal(hash, &apr1(password, salt)),
            Self::Sha1(hash) => digest::equal(hash, &Sha1::digest(password)),
        }
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hash")
    }
}

/// Base 64 as `crypt` has it.
const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// MD5-crypt with Apache's magic: no library that is kept up has it.
fn apr1(password: &[u8], salt: &[u8]) -> Vec<u8> {
    let inner = Md5::new().chain_update(password).chain_update(salt).chain_update(password).finalize();
    let mut outer = Md5::new().chain_update(password).chain_update(MAGIC).chain_update(salt);
    for part in password.chunks(inner.len()) {
        outer.update(inner.get(..part.len()).unwrap_or_default());
    }
    let mut bits = password.len();
    while bits > 0 {
        // A quirk of the first implementation: the bit chooses between a zero and the password's first letter.
        outer.update(if bits & 1 == 1 { &[0] } else { password.get(..1).unwrap_or_default() });
        bits >>= 1;
    }
    let mut hash = outer.finalize();
    for round in 0..ROUNDS {
        let mut next = Md5::new();
        if round % 2 == 1 {
            next.update(password)
        } else {
            next.update(hash)
        }
        if round % 3 != 0 {
            next.update(salt);
        }
        if round % 7 != 0 {
            next.update(password);
        }
        if round % 2 == 1 {
            next.update(hash)
        } else {
            next.update(password)
        }
        hash = next.finalize();
    }
    encode(&hash)
}

/// The bytes in the order of the format, six bits a letter, the lowest first.
fn encode(hash: &[u8]) -> Vec<u8> {
    const ORDER: [(&[usize], usize); 6] =
        [(&[0, 6, 12], 4), (&[1, 7, 13], 4), (&[2, 8, 14], 4), (&[3, 9, 15], 4), (&[4, 10, 5], 4), (&[11], 2)];
    let mut text = Vec::with_capacity(22);
    for (places, letters) in ORDER {
        let mut bits = places.iter().fold(0_u32, |bits, &place| bits << 8 | u32::from(hash.get(place).copied().unwrap_or_default()));
        for _ in 0..letters {
            text.extend(ALPHABET.get((bits & 63) as usize));
            bits >>= 6;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    /// From `openssl passwd -apr1 -salt SALT PASSWORD`, and Apache's own example.
    #[test]
    fn hashes_are_those_of_other_programs() {
        for (hash, password) in APR1 {
            let hash = Hash::parse(hash).unwrap();
            assert!(hash.is_of(password.as_bytes()), "{password}");
            assert!(!hash.is_of(format!("{password}x").as_bytes()), "{password}");
        }
        assert!(Hash::parse("{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=").unwrap().is_of(b"myPassword"));
    }

    const APR1: [(&str, &str); 4] = [
        ("$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/", "myPassword"),
        ("$apr1$abcdefgh$L.PT565ESX4Tp2bqNs7Ie.", ""),
        ("$apr1$abcdefgh$skMBc6CGouRMIESZjHuG//", "a-password-of-more-than-sixteen-letters"),
        ("$apr1$abcdefgh$1gfeCu.b8nGkbEBOmanEu0", "p\u{e4}ss"),
    ];

    #[test]
    fn what_is_no_hash() {
        for text in
            ["", "plain", "$apr1$", "$apr1$salt", "$apr1$toolongsalt$HqJZimcKQFAMYayBlzkrA/", "$apr1$a$short", "{SHA}AAAA", "{SHA}!"]
        {
            assert!(Hash::parse(text).is_none(), "{text}");
        }
    }
}
