use std::time::Duration;

use futures::future::AbortHandle;

use super::losses::Losses;
use super::queue::Queue;
use super::send::Retry;
use crate::platform::Timestamp;
use crate::telemetry::metrics::Metrics;

/// What waits to be sent, and who sends it.
pub struct State {
    pub logs: Queue,
    pub spans: Queue,
    pub metrics: Metrics,
    pub losses: Losses,
    /// When the task that waits is to send.
    pub timer: Option<Timestamp>,
    /// Since when a task sends, and how to end it.
    flight: Option<(Timestamp, AbortHandle)>,
    /// Failures since the last success.
    failures: u32,
    /// Nothing is sent earlier, as the collector wants it or because it failed.
    not_before: Timestamp,
}

/// What is to be done about what waits.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    Nothing,
    /// Send at once.
    Send,
    /// Send after this time.
    Wait(Duration),
}

/// A task that should have ended or begun so long ago never will: its host ended it.
const LOST: Duration = Duration::from_secs(30);

const FIRST_BACKOFF: Duration = Duration::from_secs(5);
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// No task waits longer for a collector that failed, as it keeps an instance alive that may have no requests any more. The next
/// request sees to it.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Failures in a row after which nothing is sent for its own sake, for the same reason.
const UNATTENDED_FAILURES: u32 = 2;

impl State {
    pub fn new(max_queue_bytes: usize) -> Self {
        Self {
            logs: Queue::new(max_queue_bytes),
            spans: Queue::new(max_queue_bytes),
            metrics: Metrics::default(),
            losses: Losses::default(),
            timer: None,
            flight: None,
            failures: 0,
            not_before: Timestamp::default(),
        }
    }

    /// A message of one of the signals is full.
    pub fn is_full(&self, max_items: usize) -> bool {
        [&self.logs, &self.spans].into_iter().any(|queue| queue.len() >= max_items || queue.is_filling())
    }

    /// A full message is sent at once, and the rest when it is old enough. There is one task for each.
    pub fn next(&mut self, now: Timestamp, max_items: usize, max_age: Duration, handle: &AbortHandle) -> Next {
        if self.is_empty() {
            return Next::Nothing;
        }
        if self.is_full(max_items) && now >= self.not_before && self.take_off(now, handle) {
            return Next::Send;
        }
        let wait = max_age.max(self.not_before.since(now));
        if self.timer.is_some_and(|due| now.since(due) <= LOST) || wait > max_age.max(LONGEST_WAIT) {
            return Next::Nothing;
        }
        self.timer = Some(now.plus(wait));
        Next::Wait(wait)
    }

    /// Makes the task of this handle the one that sends, unless another does, which will look for more when it is done. One that has
    /// sent for too long is ended.
    pub fn take_off(&mut self, now: Timestamp, handle: &AbortHandle) -> bool {
        if let Some((_, lost)) = self.flight.take_if(|(since, _)| now.since(*since) > LOST) {
            lost.abort();
        }
        let is_free = self.flight.is_none() && !self.is_empty();
        if is_free {
            self.flight = Some((now, handle.clone()));
        }
        is_free
    }

    /// The task that sends has ended. Returns whether what waits now may be sent without a request that asks for it.
    pub fn land(&mut self, now: Timestamp, failure: Option<&Retry>) -> bool {
        self.flight = None;
        match failure {
            Some(Retry { after, .. }) => {
                let backoff = FIRST_BACKOFF.saturating_mul(1 << self.failures.min(4)).min(LONGEST_BACKOFF);
                self.failures = self.failures.saturating_add(1);
                self.not_before = now.plus(after.unwrap_or(backoff));
            }
            None => (self.failures, self.not_before) = (0, now),
        }
        self.failures < UNATTENDED_FAILURES
    }

    fn is_empty(&self) -> bool {
        self.logs.len() == 0 && self.spans.len() == 0 && self.metrics.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    const AGE: Duration = Duration::from_secs(5);

    fn failure(after: Option<u64>) -> Retry {
        Retry { why: String::new(), after: after.map(Duration::from_secs) }
    }

    #[test]
    fn one_waits_and_one_sends() {
        let (handle, _) = AbortHandle::new_pair();
        let (mut state, at) = (State::new(1 << 20), Timestamp::from_seconds);
        assert_eq!(state.next(at(0), 2, AGE, &handle), Next::Nothing, "there is nothing");
        state.logs.push(vec![1]);
        assert_eq!(state.next(at(0), 2, AGE, &handle), Next::Wait(AGE));
        assert_eq!(state.next(at(1), 2, AGE, &handle), Next::Nothing, "somebody waits");
        state.logs.push(vec![2]);
        assert_eq!(state.next(at(2), 2, AGE, &handle), Next::Send);
        assert_eq!(state.next(at(3), 2, AGE, &handle), Next::Nothing, "somebody sends");
        assert!(state.land(at(4), None));
        assert_eq!(state.next(at(4), 2, AGE, &handle), Next::Send);
        assert!(!handle.is_aborted());
        assert_eq!(state.next(at(36), 2, AGE, &handle), Next::Send, "who sent and who waited are lost");
        assert!(handle.is_aborted());
    }

    #[test]
    fn a_collector_that_fails_has_time() {
        let (handle, _) = AbortHandle::new_pair();
        let (mut state, at) = (State::new(1 << 20), Timestamp::from_seconds);
        state.logs.push(vec![1]);
        for (seconds, retry_after, unattended, wait) in
            [(100, None, true, Some(5)), (200, None, false, Some(10)), (300, None, false, None), (400, Some(7), false, Some(7))]
        {
            assert!(state.take_off(at(seconds), &handle));
            assert_eq!(state.land(at(seconds), Some(&failure(retry_after))), unattended, "{seconds}");
            let next = wait.map_or(Next::Nothing, |wait| Next::Wait(Duration::from_secs(wait)));
            assert_eq!(state.next(at(seconds), 1, AGE, &handle), next, "{seconds}");
            state.timer = None;
        }
        assert_eq!(state.next(at(407), 1, AGE, &handle), Next::Send);
        assert!(state.land(at(408), None), "forgiven");
    }
}
