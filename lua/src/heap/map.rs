use super::meter::Meter;
use crate::value::{Callable, Function};
use crate::{Raise, Value};

/// Up to this many entries are searched one by one, without an index.
const SMALL: usize = 8;
const EMPTY: u32 = u32::MAX;

/// The part of a table that is no array: an ordered map. Entries stay where they were first put, so traversal is in the order of insertion,
/// and a removed entry keeps its place, so that removing during a traversal is harmless. Keys are normalized: strings by canonical id,
/// numbers never NaN, -0 or exact.
#[derive(Default)]
pub(crate) struct Map {
    entries: Vec<Entry>,
    /// Open addressing with linear probing; positions in `entries`.
    index: Vec<u32>,
    live: usize,
    has_numbers: bool,
}

/// An entry whose key is nil is dead for good; one whose value is nil can come back.
#[derive(Clone, Copy)]
struct Entry {
    key: Value,
    value: Value,
}

/// Turns keys into hashes with a secret of the run: which keys collide cannot be known outside.
#[derive(Clone, Copy)]
pub(crate) struct Mixer(pub u64, pub u64);

impl Mixer {
    fn mix(self, key: Value) -> usize {
        let (tag, bits): (u64, u64) = match key {
            Value::Nil | Value::Null => (0, 0),
            Value::Boolean(b) => (1, u64::from(b)),
            Value::Number(n) => (2, n.to_bits()),
            Value::Exact(id) => (3, u64::from(id.0)),
            Value::String(id) => (4, u64::from(id.0)),
            Value::Table(id) => (5, u64::from(id.0)),
            Value::Object(id) => (6, u64::from(id.0)),
            Value::Function(Function(Callable::Closure(id))) => (7, u64::from(id)),
            Value::Function(Function(Callable::Native(id))) => (8, u64::from(id)),
            Value::Function(Function(Callable::Builtin(builtin))) => (9, u64::from(builtin.number())),
        };
        let mixed = (bits ^ tag.rotate_right(8) ^ self.0).wrapping_mul(self.1 | 1);
        let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(self.0 | 1);
        (mixed >> 32) as usize
    }
}

impl Map {
    pub(crate) fn with_capacity(capacity: usize, meter: &Meter) -> Result<Self, Raise> {
        let mut map = Self::default();
        meter.reserve(&mut map.entries, capacity)?;
        Ok(map)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.live == 0
    }

    pub(crate) fn has_numbers(&self) -> bool {
        self.has_numbers
    }

    pub(crate) fn get(&self, key: Value, mixer: Mixer) -> Value {
        self.find(key, mixer).and_then(|at| self.entries.get(at)).map_or(Value::Nil, |entry| entry.value)
    }

    pub(crate) fn set(&mut self, key: Value, value: Value, mixer: Mixer, meter: &Meter) -> Result<(), Raise> {
        if let Some(entry) = self.find(key, mixer).and_then(|at| self.entries.get_mut(at)) {
            self.live = self.live + usize::from(matches!(entry.value, Value::Nil)) - usize::from(matches!(value, Value::Nil));
            entry.value = value;
            return Ok(());
        }
        if matches!(value, Value::Nil) {
            return Ok(());
        }
        if self.entries.len() == self.entries.capacity() {
            self.make_room(mixer, meter)?;
        }
        let at = meter.store(&mut self.entries, Entry { key, value })?;
        self.live += 1;
        self.has_numbers |= matches!(key, Value::Number(_));
        if self.entries.len() > SMALL {
            if self.index.is_empty() {
                self.rebuild_index(mixer, meter)?;
            } else {
                self.place(key, at, mixer);
            }
        }
        Ok(())
    }

    /// Takes an entry out for good, so that a traversal never meets its key here again.
    pub(crate) fn take(&mut self, key: Value, mixer: Mixer) -> Option<Value> {
        let at = self.find(key, mixer)?;
        let entry = self.entries.get_mut(at)?;
        let value = entry.value;
        *entry = Entry { key: Value::Nil, value: Value::Nil };
        if matches!(value, Value::Nil) {
            return None;
        }
        self.live -= 1;
        Some(value)
    }

    /// The entry at a position, which may be one that was removed: then its value is nil.
    pub(crate) fn entry(&self, at: usize) -> Option<(Value, Value)> {
        self.entries.get(at).map(|entry| (entry.key, entry.value))
    }

    #[inline]
    pub(crate) fn find(&self, key: Value, mixer: Mixer) -> Option<usize> {
        let Some(mask) = self.index.len().checked_sub(1) else {
            return self.entries.iter().position(|entry| same(entry.key, key));
        };
        let mut at = mixer.mix(key) & mask;
        loop {
            let position = *self.index.get(at)?;
            if position == EMPTY {
                return None;
            }
            if self.entries.get(position as usize).is_some_and(|entry| same(entry.key, key)) {
                return Some(position as usize);
            }
            at = (at + 1) & mask;
        }
    }

    /// Closes the gaps if half of the entries are gone, else grows.
    fn make_room(&mut self, mixer: Mixer, meter: &Meter) -> Result<(), Raise> {
        meter.charge(self.entries.len() / 4)?;
        if self.live * 2 <= self.entries.len() && !self.entries.is_empty() {
            self.entries.retain(|entry| !matches!(entry.value, Value::Nil));
        } else {
            meter.reserve(&mut self.entries, 1)?;
        }
        if self.index.is_empty() { Ok(()) } else { self.rebuild_index(mixer, meter) }
    }

    fn rebuild_index(&mut self, mixer: Mixer, meter: &Meter) -> Result<(), Raise> {
        let slots = (self.entries.capacity() * 2).next_power_of_two();
        self.index.clear();
        meter.reserve(&mut self.index, slots)?;
        self.index.resize(slots, EMPTY);
        for at in 0..self.entries.len() {
            if let Some(entry) = self.entries.get(at)
                && !matches!(entry.key, Value::Nil)
                && let Ok(position) = u32::try_from(at)
            {
                self.place(entry.key, position, mixer);
            }
        }
        Ok(())
    }

    fn place(&mut self, key: Value, position: u32, mixer: Mixer) {
        let Some(mask) = self.index.len().checked_sub(1) else { return };
        let mut at = mixer.mix(key) & mask;
        while let Some(slot) = self.index.get_mut(at) {
            if *slot == EMPTY {
                *slot = position;
                return;
            }
            at = (at + 1) & mask;
        }
    }
}

/// Whether two normalized keys are the same.
#[inline]
fn same(a: Value, b: Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Number(a), Value::Number(b)) => a == b,
        (Value::Boolean(a), Value::Boolean(b)) => a == b,
        (Value::Table(a), Value::Table(b)) => a == b,
        (Value::Function(a), Value::Function(b)) => a == b,
        (Value::Object(a), Value::Object(b)) => a == b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    const MIXER: Mixer = Mixer(0x1234_5678_9abc_def1, 0x0fed_cba9_8765_4321);

    #[test]
    fn it_agrees_with_an_ordered_map() {
        let meter = Meter::new(&Limits::default());
        let mut map = Map::default();
        let mut model = std::collections::BTreeMap::new();
        let mut random = 1_u64;
        for round in 0..20_000_u32 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let key = u32::try_from(random >> 33).unwrap() % (1 + round / 50);
            let number = Value::Number(f64::from(key));
            if random.is_multiple_of(3) {
                map.set(number, Value::Nil, MIXER, &meter).unwrap();
                model.remove(&key);
            } else {
                map.set(number, Value::Number(f64::from(round)), MIXER, &meter).unwrap();
                model.insert(key, round);
            }
            assert!(matches!(map.get(number, MIXER), Value::Number(_) | Value::Nil));
        }
        assert_eq!(map.live, model.len());
        let mut seen = 0;
        let mut at = 0;
        while let Some((key, value)) = map.entry(at) {
            if let (Value::Number(key), Value::Number(value)) = (key, value) {
                assert_eq!(model.get(&(key as u32)), Some(&(value as u32)));
                seen += 1;
            }
            at += 1;
        }
        assert_eq!(seen, model.len());
    }

    #[test]
    fn a_queue_does_not_grow_for_ever() {
        let meter = Meter::new(&Limits::default());
        let mut map = Map::default();
        for i in 0..10_000 {
            map.set(Value::Number(f64::from(i) + 0.5), Value::Boolean(true), MIXER, &meter).unwrap();
            map.set(Value::Number(f64::from(i) - 9.5), Value::Nil, MIXER, &meter).unwrap();
        }
        assert!(map.entries.capacity() <= 64, "{}", map.entries.capacity());
    }
}
