use std::rc::Rc;

use bytes::Bytes;

use super::{CacheError, CacheKey, Keeping, Kept, KeptHead, ResponseCache};
use crate::platform::{Body, KeyValueStore, LocalBoxFuture};

/// Responses in a key-value store that drops nothing by itself: each key has one of so many places, and the last one that came there
/// stays. So there never is more than `SLOTS` times `MAX_SIZE` of them, and nothing to clean up.
pub struct SlottedResponses(Rc<dyn KeyValueStore>);

const SLOTS: u16 = 1024;

/// Bytes of a body.
const MAX_SIZE: usize = 256 * 1024;

impl SlottedResponses {
    pub fn new(store: Rc<dyn KeyValueStore>) -> Self {
        Self(store)
    }
}

impl ResponseCache for SlottedResponses {
    fn get<'a>(&'a self, key: &'a CacheKey) -> LocalBoxFuture<'a, Result<Option<Kept>, CacheError>> {
        Box::pin(async move {
            let entry = self.0.get(&slot(key)).await.map_err(|error| CacheError(error.0))?;
            Ok(entry.and_then(|entry| unpack(key, &Bytes::from(entry))))
        })
    }

    fn put(&self, key: CacheKey, head: KeptHead, body: Bytes) -> Option<Keeping> {
        let store = self.0.clone();
        Some(Box::pin(async move {
            let lifetime = head.lifetime();
            let put = store.put(&slot(&key), &pack(&key, &head, &body), Some(lifetime)).await;
            put.map_err(|error| CacheError(error.0))
        }))
    }

    fn max_size(&self) -> usize {
        MAX_SIZE
    }
}

fn slot(key: &CacheKey) -> String {
    let [first, second, ..] = *key.bytes();
    format!("cache/{:04}", u16::from_be_bytes([first, second]) % SLOTS)
}

/// The whole key, the head's length, the head, the body.
fn pack(key: &CacheKey, head: &KeptHead, body: &[u8]) -> Vec<u8> {
    let head = head.to_bytes();
    let mut entry = key.bytes().to_vec();
    entry.extend_from_slice(&(head.len() as u64).to_be_bytes());
    entry.extend_from_slice(&head);
    entry.extend_from_slice(body);
    entry
}

/// `None` for the entry of another key.
fn unpack(key: &CacheKey, entry: &Bytes) -> Option<Kept> {
    let rest = entry.strip_prefix(key.bytes())?;
    let (length, rest) = rest.split_first_chunk::<8>()?;
    let (head, body) = rest.split_at_checked(usize::try_from(u64::from_be_bytes(*length)).ok()?)?;
    Some(Kept { head: KeptHead::from_bytes(head)?, body: Body::from(entry.slice_ref(body)) })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::FutureExt;
    use http::{HeaderMap, StatusCode};

    use super::*;
    use crate::platform::Timestamp;
    use crate::platform::memory::MemoryStore;
    use crate::testing::test;

    #[test]
    fn a_place_belongs_to_whoever_came_last() {
        let head = KeptHead {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            kept_at: Timestamp(0),
            expires_at: Timestamp(1000),
            age: Duration::ZERO,
        };
        let store = Rc::new(MemoryStore::default());
        let responses = SlottedResponses::new(store.clone());
        let key = |number: u32| CacheKey::new(&[&number.to_be_bytes()], None, []);
        let kept = |key: &CacheKey| {
            let kept = responses.get(key).now_or_never().unwrap().unwrap()?;
            let Body::Bytes(bytes) = kept.body else { return Some(String::new()) };
            Some(String::from_utf8_lossy(&bytes).into_owned())
        };
        let put = |key: CacheKey, body: &'static str| {
            responses.put(key, head.clone(), Bytes::from_static(body.as_bytes())).unwrap().now_or_never().unwrap().unwrap();
        };
        let first = key(0);
        let other = (1..).map(key).find(|other| slot(other) == slot(&first)).unwrap();
        put(first, "first");
        assert_eq!((kept(&first), kept(&other)), (Some("first".to_owned()), None));
        put(other, "");
        assert_eq!((kept(&first), kept(&other)), (None, Some(String::new())));
        for damaged in [b"".as_slice(), other.bytes(), &[other.bytes().as_slice(), &[255; 8]].concat()] {
            store.insert(&slot(&other), damaged.to_vec());
            assert_eq!(kept(&other), None);
        }
    }
}
