//! Sliding windows: at most so many attempts in any window, the refused ones counted too. And [`Places`]: at most so many requests at
//! once. `docs/rate-limits.md` has both algorithms as tables.

mod address;
mod places;

use std::num::NonZeroU64;
use std::time::Duration;

pub use address::address;
pub use places::{Permit, Places};

use crate::platform::{Attempts, CounterError, CounterSeries, Platform, REACH};

/// How many attempts are admitted, and in what time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub requests: NonZeroU64,
    pub window: Duration,
}

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admission {
    pub admitted: bool,
    /// How many more would be admitted now.
    pub remaining: u64,
    /// Until one more is admitted than is now: for a refused attempt, until it could be admitted.
    pub more_in: Duration,
    /// Until all are, if nobody tries before that.
    pub all_in: Duration,
}

impl Limit {
    /// The counters of this limit for one principal. `owner` says which limit it is, `principal` whose attempts are counted together.
    pub fn series(&self, owner: &str, principal: &str) -> CounterSeries {
        let span = self.window / u32::try_from(REACH).unwrap_or(u32::MAX);
        CounterSeries::new("limit", owner, principal, span)
    }

    /// Counts an attempt and judges it.
    ///
    /// # Errors
    /// The store did not answer. The attempt may have been counted.
    pub async fn admit(&self, platform: &Platform, series: &CounterSeries) -> Result<Admission, CounterError> {
        let attempts = platform.counters.count(series, platform.clock.now()).await?;
        Ok(self.judge(series, &attempts))
    }

    fn judge(&self, series: &CounterSeries, attempts: &Attempts) -> Admission {
        let (limit, total) = (self.requests.get(), attempts.total());
        let enough = total.min(limit).saturating_sub(1);
        Admission {
            admitted: total <= limit,
            remaining: limit.saturating_sub(total),
            more_in: attempts.at_most(series, enough).since(attempts.at),
            all_in: attempts.at_most(series, 0).since(attempts.at),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use futures::FutureExt;

    use super::*;
    use crate::platform::memory::{Memory, NoHttp};
    use crate::platform::{Capabilities, Timestamp};
    use crate::testing::{Sevens, test};

    const START: Timestamp = Timestamp(1_000_000_000_000);

    fn limit(requests: u64, window: u64) -> Limit {
        Limit { requests: NonZeroU64::new(requests).unwrap(), window: Duration::from_secs(window) }
    }

    /// Attempts at these seconds, and whether each was admitted.
    fn admitted(limit: &Limit, at: &[u64]) -> Vec<bool> {
        let memory = Memory::new(START);
        let platform = memory.platform(Rc::new(NoHttp), Rc::new(Sevens), Capabilities::MEMORY);
        let series = limit.series("a", "b");
        let admit = |second: &u64| {
            memory.clock.set(START.plus(Duration::from_secs(*second)));
            limit.admit(&platform, &series).now_or_never().unwrap().unwrap().admitted
        };
        at.iter().map(admit).collect()
    }

    #[test]
    fn the_window_slides() {
        let two_in_ten = limit(2, 10);
        assert_eq!(admitted(&two_in_ten, &[0, 0, 0]), [true, true, false]);
        assert_eq!(admitted(&two_in_ten, &[0, 9, 10, 11]), [true, true, false, false], "the refused one counts");
        assert_eq!(admitted(&two_in_ten, &[0, 9, 11]), [true, true, true], "the first is forgotten after 10 to 11 seconds");
        assert_eq!(admitted(&two_in_ten, &[0, 0, 5, 11, 12]), [true, true, false, true, false]);
        assert_eq!(admitted(&two_in_ten, &[0, 0, 1_000_000, 1_000_000, 1_000_000]), [true, true, true, true, false]);
    }

    #[test]
    fn no_window_has_more_than_the_limit() {
        // Whatever the phase of the spans: bursts of the limit, as soon as one is admitted again.
        for phase in 0..11 {
            let times: Vec<u64> = (0..200).flat_map(|n| [phase + n * 7; 2]).collect();
            let admitted = admitted(&limit(3, 10), &times);
            let kept: Vec<u64> = times.iter().zip(&admitted).filter(|(_, admitted)| **admitted).map(|(at, _)| *at).collect();
            for at in &kept {
                let inside = kept.iter().filter(|other| (*at..at + 10).contains(other)).count();
                assert!(inside <= 3, "{inside} in the 10 s from {at}, phase {phase}");
            }
        }
    }

    #[test]
    fn judges() {
        let limit = limit(3, 10);
        let series = limit.series("a", "b");
        let judge = |spans: &[(u64, u64)]| {
            let Admission { admitted, remaining, more_in, all_in } =
                limit.judge(&series, &Attempts { at: Timestamp(20_400), spans: spans.to_vec() });
            (admitted, remaining, more_in.as_millis(), all_in.as_millis())
        };
        assert_eq!(judge(&[(20, 1)]), (true, 2, 10_600, 10_600));
        assert_eq!(judge(&[(12, 1), (20, 1)]), (true, 1, 2_600, 10_600));
        assert_eq!(judge(&[(12, 1), (15, 1), (20, 1)]), (true, 0, 2_600, 10_600));
        assert_eq!(judge(&[(12, 1), (15, 2), (20, 1)]), (false, 0, 5_600, 10_600), "one may follow when two are left");
        assert_eq!(judge(&[(20, 1_000_000)]), (false, 0, 10_600, 10_600));
    }
}
