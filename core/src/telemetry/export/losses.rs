use std::time::Duration;

use crate::platform::Timestamp;
use crate::telemetry::metrics::{Loss, Lost};
use crate::telemetry::otlp::Signal;

/// What is lost and not yet told in the log.
#[derive(Debug, Default)]
pub struct Losses {
    untold: Lost,
    told: Option<Timestamp>,
}

/// How often the log tells of it.
const TELL_EVERY: Duration = Duration::from_secs(30);

impl Losses {
    pub fn add(&mut self, signal: Signal, why: Loss, count: u64) {
        self.untold.add(signal, why, count);
    }

    /// What the log should tell now: a failure, and what is lost since it told something last. Nothing when that is too short a time
    /// ago.
    pub fn tell(&mut self, failure: Option<&str>, now: Timestamp) -> Option<String> {
        let is_soon = self.told.is_some_and(|told| now.is_within(TELL_EVERY, told));
        if is_soon || failure.is_none() && self.untold.is_empty() {
            return None;
        }
        self.told = Some(now);
        let failure = failure.map(|why| format!("the collector did not take it: {why}"));
        let untold = std::mem::take(&mut self.untold);
        let lost = untold.iter().map(|(signal, why, count)| format!("{count} {} lost ({})", signal.items(), why.name()));
        Some(format!("telemetry: {}", failure.into_iter().chain(lost).collect::<Vec<_>>().join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn tells_everything_now_and_then() {
        let mut losses = Losses::default();
        let at = Timestamp::from_seconds;
        assert_eq!(losses.tell(None, at(0)), None);
        assert_eq!(
            losses.tell(Some("no answer in time"), at(0)).as_deref(),
            Some("telemetry: the collector did not take it: no answer in time")
        );
        for _ in 0..3 {
            losses.add(Signal::Logs, Loss::QueueFull, 2);
            losses.add(Signal::Traces, Loss::Refused, 1);
        }
        assert_eq!(losses.tell(Some("it answered 400"), at(29)), None);
        assert_eq!(losses.tell(None, at(30)).as_deref(), Some("telemetry: 6 log entries lost (queue_full); 3 spans lost (refused)"));
        assert_eq!(losses.tell(None, at(90)), None);
    }
}
