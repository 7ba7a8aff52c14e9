use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};
use std::time::Duration;

use hyper::client::conn::http1::SendRequest;
use postern_core::platform::Body;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::{Instant, sleep};

use super::origin::{Origin, Protocol};
use super::sender::{Sender, Shared};

/// One thread's open connections. HTTP/1 connections are in here only while idle, HTTP/2 connections until they close.
pub(super) struct Pool {
    origins: RefCell<BTreeMap<Origin, Connections>>,
}

#[derive(Default)]
struct Connections {
    idle: Vec<(SendRequest<Body>, Instant)>,
    shared: Vec<Shared>,
    /// Held while a connection is opened that others will be able to share.
    opening: Option<std::sync::Arc<Mutex<()>>>,
}

/// Shorter than what servers commonly keep (nginx 75 s, Node 5 s …): a connection that the server is about to close costs a retry.
const IDLE: Duration = Duration::from_secs(60);

impl Pool {
    pub fn new() -> Rc<Self> {
        let pool = Rc::new(Self { origins: RefCell::default() });
        tokio::task::spawn_local(sweep(Rc::downgrade(&pool)));
        pool
    }

    /// A connection that can be used at once. The latest that became idle first: the others may then grow old and be closed.
    pub fn take(&self, origin: &Origin) -> Option<Sender> {
        let mut origins = self.origins.borrow_mut();
        let connections = origins.get_mut(origin)?;
        connections.shared.retain(Shared::is_open);
        if let Some(shared) = connections.shared.iter().find(|shared| shared.has_room()) {
            return Some(Sender::Http2(shared.clone()));
        }
        while let Some((sender, since)) = connections.idle.pop() {
            if sender.is_ready() && since.elapsed() < IDLE {
                return Some(Sender::Http1(sender));
            }
        }
        None
    }

    /// Waits for its turn to open a connection, where the one before may turn out to be enough: with HTTP/2. Without that knowledge
    /// everybody opens one at once.
    pub async fn turn(&self, origin: &Origin) -> Option<OwnedMutexGuard<()>> {
        let opening = {
            let mut origins = self.origins.borrow_mut();
            let connections = match origin.protocol {
                Protocol::Http2 => origins.entry(origin.clone()).or_default(),
                _ => origins.get_mut(origin).filter(|connections| connections.opening.is_some())?,
            };
            connections.opening.get_or_insert_default().clone()
        };
        Some(opening.lock_owned().await)
    }

    /// Lets others use the connection too, if its protocol can.
    pub fn share(&self, origin: &Origin, sender: &Sender) {
        if let Sender::Http2(shared) = sender {
            let mut origins = self.origins.borrow_mut();
            let connections = origins.entry(origin.clone()).or_default();
            connections.opening.get_or_insert_default();
            connections.shared.push(shared.clone());
        }
    }

    /// Takes the connection back when its response has been read to the end; one that was given up closes instead.
    pub fn put_when_ready(self: &Rc<Self>, origin: Origin, mut sender: SendRequest<Body>) {
        let pool = Rc::downgrade(self);
        tokio::task::spawn_local(async move {
            if sender.ready().await.is_ok()
                && let Some(pool) = pool.upgrade()
            {
                pool.origins.borrow_mut().entry(origin).or_default().idle.push((sender, Instant::now()));
            }
        });
    }

    fn drop_stale(&self) {
        self.origins.borrow_mut().retain(|_, connections| {
            connections.idle.retain(|(sender, since)| sender.is_ready() && since.elapsed() < IDLE);
            connections.shared.retain(Shared::is_open);
            !connections.idle.is_empty() || !connections.shared.is_empty()
        });
    }
}

/// Closes idle connections even if nobody asks for their origin again.
async fn sweep(pool: Weak<Pool>) {
    loop {
        sleep(IDLE / 2).await;
        match pool.upgrade() {
            Some(pool) => pool.drop_stale(),
            None => return,
        }
    }
}
