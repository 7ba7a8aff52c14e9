use sha2::{Digest, Sha256};

use crate::hex;

/// What a response is kept under: a digest, so that no text of a caller's ever is a key, or a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CacheKey([u8; 32]);

impl CacheKey {
    /// Each part enters with its length before it, so that no two lists of parts give the same key. The first ones say whose response
    /// it is: `scope` is the configuration's, `principal` the caller's.
    pub fn new<'a>(scope: &[&[u8]], principal: Option<&str>, request: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut digest = Sha256::new();
        let mut add = |part: &[u8]| {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        };
        scope.iter().for_each(|part| add(part));
        // Nobody is told from somebody whose name is empty.
        add(&[u8::from(principal.is_some())]);
        add(principal.unwrap_or_default().as_bytes());
        request.into_iter().for_each(&mut add);
        Self(digest.finalize().into())
    }

    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Lower-case hexadecimal, 64 digits.
    pub fn to_hex(self) -> String {
        hex::encode(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let key = |scope: &[&str], principal: Option<&str>, request: &[&str]| {
            let scope: Vec<&[u8]> = scope.iter().map(|part| part.as_bytes()).collect();
            CacheKey::new(&scope, principal, request.iter().map(|part| part.as_bytes()))
        };
        let keys = [
            key(&["a", "b"], Some("c"), &["d"]),
            key(&["ab", ""], Some("c"), &["d"]),
            key(&["a"], Some("b"), &["c", "d"]),
            key(&["a", "b"], Some("cd"), &[""]),
            key(&["a", "b"], None, &["c", "d"]),
            key(&["a", "b"], Some(""), &["c", "d"]),
            key(&["a", "b"], Some("c"), &["d", ""]),
        ];
        for (index, one) in keys.iter().enumerate() {
            assert!(keys.iter().skip(index + 1).all(|other| one != other), "{index}");
        }
        assert_eq!(keys[0], key(&["a", "b"], Some("c"), &["d"]));
        assert_eq!(keys[0].to_hex().len(), 64);
    }
}
