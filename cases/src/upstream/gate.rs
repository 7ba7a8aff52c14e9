use std::cell::RefCell;
use std::collections::BTreeMap;

use tokio::sync::watch;

/// Points at which one side of a test waits for another, in place of delays: a test that orders by time fails on a slow machine.
#[derive(Default)]
pub struct Gates(RefCell<BTreeMap<String, watch::Sender<bool>>>);

impl Gates {
    pub fn open(&self, name: &str) {
        self.0.borrow_mut().entry(name.to_owned()).or_default().send_replace(true);
    }

    /// Returns once the gate is open, at once if it is already.
    pub async fn wait(&self, name: &str) {
        let mut receiver = self.0.borrow_mut().entry(name.to_owned()).or_default().subscribe();
        // The sender lives in the map, so it cannot be gone before the gate opens.
        let _ = receiver.wait_for(|open| *open).await;
    }
}
