use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use crate::platform::{Platform, StoreError, Timestamp};

/// How long beyond its time a value still serves when the store does not answer.
const GRACE: Duration = Duration::from_secs(60);

/// What an instance remembers of the store, absences included: used again for as long as the store allows
/// ([`crate::platform::KeyValueStore::reuse_for`]), and up to 60 s more while the store is down. A store that allows no reuse is
/// asked every time, and nothing is remembered.
pub(crate) struct ReuseCache<V>(Bounded<(Timestamp, V)>);

/// A map that forgets what was not used for longest, roughly: two generations, of which the older is dropped when the younger
/// is full. A flood of new keys costs constant work each.
pub(crate) struct Bounded<V> {
    capacity: usize,
    generations: RefCell<Generations<V>>,
}

struct Generations<V> {
    young: BTreeMap<String, V>,
    old: BTreeMap<String, V>,
}

impl<V: Clone> ReuseCache<V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self(Bounded::new(capacity))
    }

    /// The remembered value, or what `read` finds.
    pub(crate) async fn get_or_read<R>(&self, platform: &Platform, key: &str, read: R) -> Result<V, StoreError>
    where
        R: Future<Output = Result<V, StoreError>>,
    {
        let reuse_for = platform.store.reuse_for();
        if reuse_for.is_zero() {
            return read.await;
        }
        let kept = self.0.get(key);
        if let Some((read_at, value)) = &kept
            && platform.clock.now().is_within(reuse_for, *read_at)
        {
            return Ok(value.clone());
        }
        // The age counts from before the read, as the answer may be as old as that.
        let asked_at = platform.clock.now();
        match (read.await, kept) {
            (Ok(value), _) => {
                self.0.insert(key, (asked_at, value.clone()));
                Ok(value)
            }
            (Err(_), Some((read_at, value))) if platform.clock.now().since(read_at) < reuse_for + GRACE => Ok(value),
            (Err(error), _) => Err(error),
        }
    }

    /// Remembers what this instance has just written.
    pub(crate) fn remember(&self, platform: &Platform, key: &str, value: V) {
        if !platform.store.reuse_for().is_zero() {
            self.0.insert(key, (platform.clock.now(), value));
        }
    }
}

impl<V: Clone> Bounded<V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, generations: RefCell::new(Generations { young: BTreeMap::new(), old: BTreeMap::new() }) }
    }

    pub(crate) fn get(&self, key: &str) -> Option<V> {
        if let Some(value) = self.generations.borrow().young.get(key) {
            return Some(value.clone());
        }
        let value = self.generations.borrow_mut().old.remove(key)?;
        self.insert(key, value.clone());
        Some(value)
    }

    pub(crate) fn insert(&self, key: &str, value: V) {
        let mut generations = self.generations.borrow_mut();
        if generations.young.len() >= self.capacity.div_ceil(2) && !generations.young.contains_key(key) {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::test;
    use std::cell::Cell;

    use futures::FutureExt;

    use super::super::testing::World;
    use super::*;

    fn read(cache: &ReuseCache<u32>, world: &World, answer: Result<u32, StoreError>, reads: &Cell<u32>) -> Result<u32, StoreError> {
        let read = async {
            reads.set(reads.get() + 1);
            answer
        };
        cache.get_or_read(&world.platform(), "k", read).now_or_never().unwrap()
    }

    #[test]
    fn reuses_then_asks_then_serves_stale_while_the_store_is_down() {
        let (world, cache, reads) = (World::empty(), ReuseCache::new(8), Cell::new(0));
        world.store.reuse_for.set(Duration::from_secs(30));
        let down = || Err(StoreError("down".into()));
        // seconds since the last step, the store's answer, what is served, reads so far
        let table = [
            (0, down(), down(), 1),
            (0, Ok(1), Ok(1), 2),
            (29, Ok(2), Ok(1), 2),
            (1, Ok(2), Ok(2), 3),
            (30, down(), Ok(2), 4),
            (59, down(), Ok(2), 5),
            (1, down(), down(), 6),
            (0, Ok(3), Ok(3), 7),
        ];
        for (step, (seconds, answer, want, count)) in table.into_iter().enumerate() {
            world.memory.clock.advance(Duration::from_secs(seconds));
            assert_eq!((read(&cache, &world, answer, &reads), reads.get()), (want, count), "step {step}");
        }
    }

    #[test]
    fn without_reuse_every_read_asks() {
        let (world, cache, reads) = (World::empty(), ReuseCache::new(8), Cell::new(0));
        assert_eq!(read(&cache, &world, Ok(1), &reads), Ok(1));
        assert_eq!(read(&cache, &world, Ok(2), &reads), Ok(2));
        let down = StoreError("down".into());
        assert_eq!(read(&cache, &world, Err(down.clone()), &reads), Err(down));
    }

    #[test]
    fn a_flood_is_bounded_and_spares_what_is_used() {
        let bounded = Bounded::new(10);
        bounded.insert("used", 0);
        for n in 0..1000 {
            bounded.insert(&format!("flood-{n}"), n);
            assert_eq!(bounded.get("used"), Some(0));
        }
        let generations = bounded.generations.borrow();
        assert!(generations.young.len() + generations.old.len() <= 10);
    }
}
