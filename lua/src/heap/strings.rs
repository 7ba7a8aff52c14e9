use std::hash::Hasher;
use std::sync::Arc;

use siphasher::sip::SipHasher13;

use super::meter::Meter;
use crate::value::StringId;
use crate::{Raise, Resource};

/// What the allocator adds to each block, about.
const BLOCK: usize = 16;

/// All strings of a run: the script's constants first, under the indexes that the bytecode uses, then what the run makes.
///
/// Strings are not interned when they are made, only when they become keys of tables: then equal strings get one canonical id, and
/// tables compare ids. The hash is keyed, as keys may come from callers.
pub(crate) struct Strings {
    constants: Arc<[Box<[u8]>]>,
    made: Vec<Made>,
    /// Open addressing: pairs of hash and id + 1; 0 is empty.
    interned: Vec<(u32, u32)>,
    count: usize,
    seed: (u64, u64),
}

struct Made {
    bytes: Box<[u8]>,
    /// The canonical id + 1, once it is known.
    canonical: u32,
}

impl Strings {
    pub(crate) fn new(constants: Arc<[Box<[u8]>]>, seed: (u64, u64)) -> Self {
        Self { constants, made: Vec::new(), interned: Vec::new(), count: 0, seed }
    }

    /// Makes the script's constants canonical.
    pub(crate) fn intern_constants(&mut self, meter: &Meter) -> Result<(), Raise> {
        for id in 0..u32::try_from(self.constants.len()).unwrap_or(u32::MAX) {
            self.insert(StringId(id), meter)?;
        }
        Ok(())
    }

    /// Empty for an id of another run.
    pub(crate) fn bytes(&self, id: StringId) -> &[u8] {
        let index = id.0 as usize;
        match self.constants.get(index) {
            Some(bytes) => bytes,
            None => self.made.get(index - self.constants.len()).map_or(&[], |made| &made.bytes),
        }
    }

    /// Charges for the bytes, then copies them.
    pub(crate) fn copy(&mut self, bytes: &[u8], meter: &Meter) -> Result<StringId, Raise> {
        meter.allocate(bytes.len() + BLOCK)?;
        meter.charge_bytes(bytes.len())?;
        self.store(bytes.into(), meter)
    }

    /// Takes bytes that are already there, and charges for them.
    pub(crate) fn take(&mut self, bytes: Vec<u8>, meter: &Meter) -> Result<StringId, Raise> {
        meter.allocate(bytes.len() + BLOCK)?;
        self.store(bytes.into_boxed_slice(), meter)
    }

    /// Joins parts whose length the caller has charged for.
    pub(crate) fn store(&mut self, bytes: Box<[u8]>, meter: &Meter) -> Result<StringId, Raise> {
        let index = meter.store(&mut self.made, Made { bytes, canonical: 0 })?;
        let id = index.checked_add(u32::try_from(self.constants.len()).unwrap_or(u32::MAX));
        // One below the maximum, as the index of keys holds ids + 1.
        id.filter(|id| *id < u32::MAX).map(StringId).ok_or(Raise::Exhausted(Resource::Memory))
    }

    /// The id under which tables know this string; `None` if no table can have it as a key.
    pub(crate) fn find_canonical(&mut self, id: StringId, meter: &Meter) -> Result<Option<StringId>, Raise> {
        if let Some(known) = self.known_canonical(id) {
            return Ok(Some(known));
        }
        let bytes = self.bytes(id);
        meter.charge_bytes(bytes.len().saturating_mul(2))?;
        let found = self.find(bytes);
        if let Some(found) = found {
            self.remember(id, found);
        }
        Ok(found)
    }

    /// The id under which tables know this string from now on.
    pub(crate) fn canonical(&mut self, id: StringId, meter: &Meter) -> Result<StringId, Raise> {
        if let Some(found) = self.find_canonical(id, meter)? {
            return Ok(found);
        }
        self.insert(id, meter)?;
        self.remember(id, id);
        Ok(id)
    }

    /// The canonical id of these bytes, if any table can have them as a key.
    pub(crate) fn find(&self, bytes: &[u8]) -> Option<StringId> {
        let mask = self.interned.len().checked_sub(1)?;
        let hash = self.hash(bytes);
        let mut at = hash as usize & mask;
        loop {
            match *self.interned.get(at)? {
                (_, 0) => return None,
                (h, id) if h == hash && self.bytes(StringId(id - 1)) == bytes => return Some(StringId(id - 1)),
                _ => at = (at + 1) & mask,
            }
        }
    }

    #[inline]
    fn known_canonical(&self, id: StringId) -> Option<StringId> {
        match (id.0 as usize).checked_sub(self.constants.len()) {
            None => Some(id),
            Some(index) => self.made.get(index).and_then(|made| made.canonical.checked_sub(1)).map(StringId),
        }
    }

    fn remember(&mut self, id: StringId, canonical: StringId) {
        let index = (id.0 as usize).checked_sub(self.constants.len());
        if let Some(made) = index.and_then(|index| self.made.get_mut(index)) {
            made.canonical = canonical.0 + 1;
        }
    }

    /// Adds a string that is known to be absent.
    fn insert(&mut self, id: StringId, meter: &Meter) -> Result<(), Raise> {
        if (self.count + 1) * 2 > self.interned.len() {
            let mut larger = Vec::new();
            let slots = (self.interned.len() * 2).max(64);
            meter.reserve(&mut larger, slots)?;
            meter.charge(slots / 8)?;
            larger.resize(slots, (0, 0));
            for entry in std::mem::replace(&mut self.interned, larger) {
                if entry.1 != 0 {
                    self.place(entry);
                }
            }
        }
        let hash = self.hash(self.bytes(id));
        self.place((hash, id.0 + 1));
        self.count += 1;
        Ok(())
    }

    fn place(&mut self, entry: (u32, u32)) {
        let Some(mask) = self.interned.len().checked_sub(1) else { return };
        let mut at = entry.0 as usize & mask;
        while let Some(slot) = self.interned.get_mut(at) {
            if slot.1 == 0 {
                *slot = entry;
                return;
            }
            at = (at + 1) & mask;
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "half of the hash is enough for an index")]
    fn hash(&self, bytes: &[u8]) -> u32 {
        let mut hasher = SipHasher13::new_with_keys(self.seed.0, self.seed.1);
        hasher.write(bytes);
        hasher.finish() as u32
    }
}
