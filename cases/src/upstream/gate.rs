use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use tokio::sync::watch;

/// Points at which one side of a test waits for another, in place of delays: a test that orders by time fails on a slow machine.
#[derive(Default)]
pub struct Gates {
    gates: RefCell<BTreeMap<String, watch::Sender<bool>>>,
    waiting: Cell<usize>,
}

impl Gates {
    pub fn open(&self, name: &str) {
        self.gates.borrow_mut().entry(name.to_owned()).or_default().send_replace(true);
    }

    /// Returns once the gate is open, at once if it is already.
    pub async fn wait(&self, name: &str) {
        let mut receiver = self.gates.borrow_mut().entry(name.to_owned()).or_default().subscribe();
        self.waiting.set(self.waiting.get() + 1);
        let _waiter = Waiter(&self.waiting);
        // The sender lives in the map, so it cannot be gone before the gate opens.
        let _ = receiver.wait_for(|open| *open).await;
    }

    /// How many wait at gates.
    pub fn waiting(&self) -> usize {
        self.waiting.get()
    }
}

/// Counts a waiter for as long as it waits: it may go away before the gate opens.
struct Waiter<'a>(&'a Cell<usize>);

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}
