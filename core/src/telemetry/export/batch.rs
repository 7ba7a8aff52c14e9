use std::rc::Rc;

use super::Exporter;
use crate::platform::Timestamp;
use crate::telemetry::metrics::Metrics;
use crate::telemetry::otlp::Signal;

/// Items on their way. Dropped before their fate is known, they wait again: the task that sends them may end at any time.
pub struct Batch {
    exporter: Rc<Exporter>,
    signal: Signal,
    content: Content,
    taken: Timestamp,
}

/// What waits, and what is sent of it.
pub enum Content {
    Items(Vec<Vec<u8>>),
    /// Kept as they were counted, so that what could not be sent can be added to what came meanwhile.
    Metrics {
        counted: Metrics,
        items: Vec<Vec<u8>>,
    },
    /// They arrived, or never will.
    Gone,
}

impl Batch {
    pub fn new(exporter: Rc<Exporter>, signal: Signal, content: Content, taken: Timestamp) -> Self {
        Self { exporter, signal, content, taken }
    }

    pub fn items(&self) -> &[Vec<u8>] {
        match &self.content {
            Content::Items(items) | Content::Metrics { items, .. } => items,
            Content::Gone => &[],
        }
    }

    /// Nothing of it waits any more; returns how many items there were.
    pub fn settle(mut self) -> u64 {
        let count = self.items().len() as u64;
        self.content = Content::Gone;
        count
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        match std::mem::replace(&mut self.content, Content::Gone) {
            Content::Items(items) => self.exporter.put_back(self.signal, items, self.taken),
            Content::Metrics { counted, .. } => self.exporter.put_back_metrics(counted),
            Content::Gone => {}
        }
    }
}
