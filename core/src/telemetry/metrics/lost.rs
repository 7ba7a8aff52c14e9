use crate::telemetry::otlp::Signal;

/// Why something that was to be sent is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// There was no room for it to wait.
    QueueFull,
    /// The collector did not take it.
    Refused,
}

/// How much is lost of each signal, by reason; a list of six at most.
#[derive(Debug, Default)]
pub struct Lost(Vec<(Signal, Loss, u64)>);

impl Loss {
    pub const fn name(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::Refused => "refused",
        }
    }
}

impl Lost {
    pub fn add(&mut self, signal: Signal, why: Loss, count: u64) {
        match self.0.iter_mut().find(|(known, reason, _)| (*known, *reason) == (signal, why)) {
            Some((.., total)) => *total += count,
            None => self.0.push((signal, why, count)),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (Signal, Loss, u64)> {
        self.0.iter().copied()
    }
}
