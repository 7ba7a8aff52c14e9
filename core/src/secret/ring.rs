use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use zeroize::Zeroizing;

use super::{KeyId, MasterKey, hkdf_sha256};

/// The master keys in force: the current one makes, the current and the previous one open and verify.
pub struct KeyRing {
    domain: String,
    current: MasterKey,
    previous: Option<MasterKey>,
    derived: RefCell<BTreeMap<(Purpose, bool), Rc<DerivedKey>>>,
}

/// What a derived key is for. A key for one purpose, epoch or domain says nothing of any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Encrypts secrets at rest.
    Seal,
    /// Digests of client secrets and tokens, and the authenticity of credential records.
    Digest,
    /// Signs the access tokens of an epoch.
    Token(u64),
    /// The authenticity of published Snapshots.
    Snapshot,
}

/// A key for one purpose, with the id of the master key that it comes from.
pub struct DerivedKey {
    id: KeyId,
    bytes: Zeroizing<[u8; 32]>,
}

/// Derived keys kept at a time: three purposes and the accepted epochs of two master keys, and room for an epoch's change.
const KEPT: usize = 16;

impl KeyRing {
    /// A ring for one domain: keys of another are different ones. `previous` still opens what it made.
    pub fn new(domain: &str, current: MasterKey, previous: Option<MasterKey>) -> Self {
        let previous = previous.filter(|key| key.id() != current.id());
        Self { domain: domain.to_owned(), current, previous, derived: RefCell::default() }
    }

    /// The key that makes new values.
    pub fn current(&self, purpose: Purpose) -> Rc<DerivedKey> {
        self.derive(&self.current, purpose, false)
    }

    /// The keys that open and verify, the current one first.
    pub fn all(&self, purpose: Purpose) -> impl Iterator<Item = Rc<DerivedKey>> {
        let previous = self.previous.as_ref().map(|key| self.derive(key, purpose, true));
        std::iter::once(self.current(purpose)).chain(previous)
    }

    /// The key of the master key that a stored value names.
    pub fn by_id(&self, purpose: Purpose, id: &str) -> Option<Rc<DerivedKey>> {
        if self.current.id().as_str() == id {
            return Some(self.current(purpose));
        }
        self.previous.as_ref().filter(|key| key.id().as_str() == id).map(|key| self.derive(key, purpose, true))
    }

    fn derive(&self, master: &MasterKey, purpose: Purpose, is_previous: bool) -> Rc<DerivedKey> {
        let mut derived = self.derived.borrow_mut();
        if derived.len() >= KEPT {
            derived.clear();
        }
        let make = || {
            // Neither a label nor a domain has a NUL, so no two combinations give the same text.
            let info = format!("postern/1\0{}\0{}", purpose.label(), self.domain);
            Rc::new(DerivedKey { id: master.id().clone(), bytes: hkdf_sha256(&[], master.bytes.as_slice(), &[info.as_bytes()]) })
        };
        derived.entry((purpose, is_previous)).or_insert_with(make).clone()
    }
}

impl Purpose {
    fn label(self) -> String {
        match self {
            Purpose::Seal => "seal".into(),
            Purpose::Digest => "digest".into(),
            Purpose::Token(epoch) => format!("token/{epoch}"),
            Purpose::Snapshot => "snapshot".into(),
        }
    }
}

impl DerivedKey {
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    pub fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

impl fmt::Debug for DerivedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DerivedKey({}, redacted)", self.id)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("domain", &self.domain).field("current", &self.current).field("previous", &self.previous).finish()
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::test;
    use std::collections::BTreeSet;

    use super::super::testing::master;
    use super::*;

    #[test]
    fn every_purpose_epoch_domain_and_master_has_its_own_key() {
        let purposes = [Purpose::Seal, Purpose::Digest, Purpose::Snapshot, Purpose::Token(1), Purpose::Token(2), Purpose::Token(12)];
        let rings = [KeyRing::new("a", master(1), None), KeyRing::new("b", master(1), None), KeyRing::new("a", master(2), None)];
        let keys: BTreeSet<_> = rings.iter().flat_map(|ring| purposes.map(|purpose| *ring.current(purpose).bytes())).collect();
        assert_eq!(keys.len(), purposes.len() * rings.len());
    }

    #[test]
    fn the_previous_key_is_found_but_does_not_make() {
        let ring = KeyRing::new("a", master(2), Some(master(1)));
        let old = KeyRing::new("a", master(1), None).current(Purpose::Seal);
        assert_eq!(ring.by_id(Purpose::Seal, old.id().as_str()).unwrap().bytes(), old.bytes());
        assert_ne!(ring.current(Purpose::Seal).bytes(), old.bytes());
        assert_eq!(ring.all(Purpose::Seal).count(), 2);
        assert!(ring.by_id(Purpose::Seal, "00000000").is_none());
        assert_eq!(KeyRing::new("a", master(1), Some(master(1))).all(Purpose::Seal).count(), 1);
    }

    #[test]
    fn many_epochs_keep_few_keys() {
        let ring = KeyRing::new("a", master(1), None);
        let first = *ring.current(Purpose::Token(0)).bytes();
        (0..100).for_each(|epoch| drop(ring.current(Purpose::Token(epoch))));
        assert!(ring.derived.borrow().len() <= KEPT);
        assert_eq!(*ring.current(Purpose::Token(0)).bytes(), first);
    }
}
