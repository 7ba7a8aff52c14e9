use std::collections::BTreeMap;

use bytes::Bytes;

use super::{CacheKey, Kept, KeptHead};
use crate::platform::Body;

/// Responses in memory, as many as fit: the one that was not asked for longest goes first.
#[derive(Debug)]
pub struct BoundedResponses {
    entries: BTreeMap<CacheKey, Entry>,
    /// Keys by when they were last used.
    order: BTreeMap<u64, CacheKey>,
    uses: u64,
    size: usize,
    limit: usize,
}

#[derive(Debug)]
struct Entry {
    head: KeptHead,
    body: Bytes,
    size: usize,
    used: u64,
}

/// What an entry takes beside its texts.
const OVERHEAD: usize = 512;

impl BoundedResponses {
    /// `limit` is in bytes, of bodies and heads together.
    pub fn new(limit: usize) -> Self {
        Self { entries: BTreeMap::new(), order: BTreeMap::new(), uses: 0, size: 0, limit }
    }

    pub fn get(&mut self, key: &CacheKey) -> Option<Kept> {
        self.uses += 1;
        let entry = self.entries.get_mut(key)?;
        self.order.remove(&entry.used);
        entry.used = self.uses;
        self.order.insert(entry.used, *key);
        Some(Kept { head: entry.head.clone(), body: Body::from(entry.body.clone()) })
    }

    /// One that is larger than everything that may be kept is not.
    pub fn put(&mut self, key: CacheKey, head: KeptHead, body: Bytes) {
        self.remove(&key);
        let texts: usize = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        let size = body.len() + texts + OVERHEAD;
        if size > self.limit {
            return;
        }
        while self.size > self.limit - size {
            let Some((_, oldest)) = self.order.first_key_value() else { break };
            self.remove(&oldest.clone());
        }
        self.uses += 1;
        self.size += size;
        self.order.insert(self.uses, key);
        // A part of a larger buffer would keep all of that.
        let body = if body.is_unique() { body } else { Bytes::copy_from_slice(&body) };
        self.entries.insert(key, Entry { head, body, size, used: self.uses });
    }

    fn remove(&mut self, key: &CacheKey) {
        if let Some(entry) = self.entries.remove(key) {
            self.order.remove(&entry.used);
            self.size -= entry.size;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::{HeaderMap, StatusCode};

    use super::*;
    use crate::platform::Timestamp;
    use crate::testing::test;

    fn key(name: &str) -> CacheKey {
        CacheKey::new(&[name.as_bytes()], None, [])
    }

    fn head() -> KeptHead {
        KeptHead { status: StatusCode::OK, headers: HeaderMap::new(), kept_at: Timestamp(0), expires_at: Timestamp(1), age: Duration::ZERO }
    }

    #[test]
    fn the_one_that_was_not_asked_for_longest_goes() {
        let mut responses = BoundedResponses::new(3 * (OVERHEAD + 10));
        let has = |responses: &mut BoundedResponses, name| responses.get(&key(name)).is_some();
        for name in ["a", "b", "c"] {
            responses.put(key(name), head(), Bytes::from(vec![0; 10]));
        }
        assert!(has(&mut responses, "a"));
        responses.put(key("d"), head(), Bytes::from(vec![0; 10]));
        assert!(!has(&mut responses, "b"), "it was the oldest");
        assert!(["a", "c", "d"].iter().all(|name| has(&mut responses, name)));
        responses.put(key("e"), head(), Bytes::from(vec![0; OVERHEAD + 20]));
        assert!(["d", "e"].iter().all(|name| has(&mut responses, name)));
        assert!(!has(&mut responses, "a") && !has(&mut responses, "c"), "it took the place of two");
        responses.put(key("f"), head(), Bytes::from(vec![0; 4 * OVERHEAD]));
        assert!(!has(&mut responses, "f") && has(&mut responses, "e"));
    }

    #[test]
    fn the_size_is_that_of_what_is_kept() {
        let mut responses = BoundedResponses::new(10_000);
        for round in 0..100 {
            responses.put(key("a"), head(), Bytes::from(vec![0; 10 + round]));
        }
        assert_eq!(responses.size, OVERHEAD + 109);
        assert_eq!((responses.entries.len(), responses.order.len()), (1, 1));
    }
}
