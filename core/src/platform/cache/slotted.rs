use std::rc::Rc;

use bytes::Bytes;

use super::{CacheError, CacheKey, Keeping, Kept, KeptHead, ResponseCache};
use crate::platform::{Body, KeyValueStore, LocalBoxFuture, StoreError, Timestamp};

/// Responses in a key-value store that drops nothing by itself. Each key has two of so many places: a new response takes a free one, or
/// that of the one which expires first. So there never is more than `SLOTS` times `MAX_SIZE` of them, and nothing to clean up.
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
            for slot in slots(key) {
                if let Some(entry) = Entry::read(&slot, &*self.0).await?.filter(|entry| entry.is_of(key)) {
                    return Ok(Some(entry.kept));
                }
            }
            Ok(None)
        })
    }

    fn put(&self, key: CacheKey, head: KeptHead, body: Bytes) -> Option<Keeping> {
        let store = self.0.clone();
        Some(Box::pin(async move {
            let slot = place(&key, &*store).await?;
            let lifetime = head.lifetime();
            Ok(store.put(&slot, &pack(&key, &head, &body), Some(lifetime)).await?)
        }))
    }

    fn max_size(&self) -> usize {
        MAX_SIZE
    }
}

impl From<StoreError> for CacheError {
    fn from(error: StoreError) -> Self {
        Self(error.0)
    }
}

fn slots(key: &CacheKey) -> [String; 2] {
    let [a, b, c, d, ..] = *key.bytes();
    [[a, b], [c, d]].map(|bytes| format!("cache/{:04}", u16::from_be_bytes(bytes) % SLOTS))
}

/// The place where least is lost.
async fn place(key: &CacheKey, store: &dyn KeyValueStore) -> Result<String, StoreError> {
    let [first, second] = slots(key);
    Ok(if loss(&second, key, store).await? < loss(&first, key, store).await? { second } else { first })
}

async fn loss(slot: &str, key: &CacheKey, store: &dyn KeyValueStore) -> Result<(u8, Timestamp), StoreError> {
    Ok(match Entry::read(slot, store).await? {
        Some(entry) if entry.is_of(key) => (0, Timestamp(0)),
        None => (1, Timestamp(0)),
        Some(entry) => (2, entry.kept.head.expires_at),
    })
}

/// What is in a place.
struct Entry {
    key: [u8; 32],
    kept: Kept,
}

impl Entry {
    async fn read(slot: &str, store: &dyn KeyValueStore) -> Result<Option<Self>, StoreError> {
        Ok(store.get(slot).await?.and_then(|bytes| Self::unpack(&Bytes::from(bytes))))
    }

    fn is_of(&self, key: &CacheKey) -> bool {
        self.key == *key.bytes()
    }

    /// `None` for what is none.
    fn unpack(entry: &Bytes) -> Option<Self> {
        let (key, rest) = entry.split_first_chunk::<32>()?;
        let (length, rest) = rest.split_first_chunk::<8>()?;
        let (head, body) = rest.split_at_checked(usize::try_from(u64::from_be_bytes(*length)).ok()?)?;
        Some(Self { key: *key, kept: Kept { head: KeptHead::from_bytes(head)?, body: Body::from(entry.slice_ref(body)) } })
    }
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
    fn the_one_that_expires_first_gives_way() {
        let head = |expires_at| KeptHead {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            kept_at: Timestamp(0),
            expires_at: Timestamp(expires_at),
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
        let put = |key: CacheKey, expires_at, body: &'static str| {
            responses.put(key, head(expires_at), Bytes::from_static(body.as_bytes())).unwrap().now_or_never().unwrap().unwrap();
        };
        let one = key(0);
        // Two others for its first place: each has a second of its own.
        let mut others = (1..).map(key).filter(|other| slots(other)[0] == slots(&one)[0] && slots(other)[1] != slots(&one)[1]);
        let (two, three) = (others.next().unwrap(), others.next().unwrap());
        put(one, 2000, "one");
        put(two, 1000, "two");
        assert_eq!((kept(&one).as_deref(), kept(&two).as_deref()), (Some("one"), Some("two")), "the second place was free");
        put(two, 3000, "");
        assert_eq!(kept(&two).as_deref(), Some(""), "where the older one was");
        store.insert(&slots(&three)[1], store.get(&slots(&two)[1]).now_or_never().unwrap().unwrap().unwrap());
        put(three, 4000, "three");
        assert_eq!((kept(&one), kept(&three).as_deref()), (None, Some("three")), "the place of the first, which expires first");
        for damaged in [b"".as_slice(), three.bytes(), &[three.bytes().as_slice(), &[255; 8]].concat()] {
            store.insert(&slots(&three)[0], damaged.to_vec());
            assert_eq!(kept(&three), None);
        }
    }
}
