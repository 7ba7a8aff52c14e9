use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use postern_core::platform::{
    BoundedResponses, CacheError, CacheKey, Fetching, Keeping, Kept, KeptHead, LocalBoxFuture, ResponseCache, Turn,
};
use tokio::sync::watch;
use tokio::time::timeout;

/// Bytes of kept responses in all.
const CAPACITY: usize = 128 << 20;

/// How long a request waits for another one that fetches the same.
const PATIENCE: Duration = Duration::from_secs(5);

/// Kept responses in memory, shared by all threads. They are gone when the process ends.
#[derive(Clone)]
pub struct Responses(Arc<Shared>);

struct Shared {
    kept: Mutex<BoundedResponses>,
    /// What is being fetched. Each channel closes when that is over.
    flights: Mutex<BTreeMap<CacheKey, watch::Receiver<()>>>,
}

/// Ends the wait of others when it is dropped.
struct Flight {
    shared: Arc<Shared>,
    key: CacheKey,
    _open: watch::Sender<()>,
}

impl Default for Responses {
    fn default() -> Self {
        Self(Arc::new(Shared { kept: Mutex::new(BoundedResponses::new(CAPACITY)), flights: Mutex::default() }))
    }
}

impl ResponseCache for Responses {
    fn get<'a>(&'a self, key: &'a CacheKey) -> LocalBoxFuture<'a, Result<Option<Kept>, CacheError>> {
        Box::pin(async move { Ok(lock(&self.0.kept).get(key)) })
    }

    fn put(&self, key: CacheKey, head: KeptHead, body: Bytes) -> Option<Keeping> {
        lock(&self.0.kept).put(key, head, body);
        None
    }

    fn begin<'a>(&'a self, key: &'a CacheKey) -> LocalBoxFuture<'a, Turn> {
        Box::pin(async move {
            match self.board(key) {
                Ok(flight) => Turn::Fetch(Box::new(flight)),
                Err(mut flight) => {
                    // Nothing is ever sent: it ends when the channel closes.
                    let _ = timeout(PATIENCE, flight.changed()).await;
                    Turn::Waited
                }
            }
        })
    }
}

impl Responses {
    /// A flight of one's own, or the one that is under way.
    fn board(&self, key: &CacheKey) -> Result<Flight, watch::Receiver<()>> {
        let mut flights = lock(&self.0.flights);
        if let Some(flight) = flights.get(key) {
            return Err(flight.clone());
        }
        let (open, closed) = watch::channel(());
        flights.insert(*key, closed);
        Ok(Flight { shared: self.0.clone(), key: *key, _open: open })
    }
}

impl Fetching for Flight {}

impl Drop for Flight {
    fn drop(&mut self) {
        lock(&self.shared.flights).remove(&self.key);
    }
}

/// No step under the locks leaves anything half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> CacheKey {
        CacheKey::new(&[name.as_bytes()], None, [])
    }

    #[test]
    fn one_thread_fetches_and_the_others_wait_for_it() {
        let responses = Responses::default();
        let Ok(flight) = responses.board(&key("a")) else { panic!("nobody else is there") };
        std::thread::scope(|scope| {
            let others: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
                        runtime.block_on(async {
                            assert!(matches!(responses.begin(&key("b")).await, Turn::Fetch(_) | Turn::Waited));
                            matches!(responses.begin(&key("a")).await, Turn::Waited)
                        })
                    })
                })
                .collect();
            // One receiver is the map's.
            while flight._open.receiver_count() < 5 {
                std::thread::yield_now();
            }
            assert!(others.iter().all(|other| !other.is_finished()));
            drop(flight);
            assert!(others.into_iter().all(|other| other.join().unwrap()));
        });
        assert!(lock(&responses.0.flights).is_empty());
        assert!(responses.board(&key("a")).is_ok());
    }
}
