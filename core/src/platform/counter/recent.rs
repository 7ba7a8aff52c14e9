use std::collections::BTreeMap;

use super::{Attempts, CounterSeries, REACH};
use crate::platform::Timestamp;

/// Recent attempts by series, for a host that can hold them in memory and lock them. Series that are over do not pile up.
#[derive(Debug, Default)]
pub struct RecentAttempts {
    series: BTreeMap<String, Recent>,
    /// The size at which series that are over are looked for next. Doubling it makes the search cost a constant for each attempt.
    sweep_at: usize,
}

/// The recent attempts of one series: a few words, however many they are.
#[derive(Debug, Default)]
struct Recent {
    /// The span of the latest attempt.
    newest: u64,
    /// Attempts in that span, and in those before it.
    counts: [u64; REACH as usize + 1],
    /// When nobody sees any of the attempts any longer.
    expires_at: Timestamp,
}

const SMALLEST_SWEEP: usize = 64;

impl RecentAttempts {
    /// Counts an attempt, and returns it with those around it.
    pub fn count(&mut self, series: &CounterSeries, now: Timestamp) -> Attempts {
        if let Some(recent) = self.series.get_mut(series.as_str()) {
            return recent.count(series, now);
        }
        if self.series.len() >= self.sweep_at {
            self.series.retain(|_, recent| now < recent.expires_at);
            self.sweep_at = SMALLEST_SWEEP.max(self.series.len() * 2);
        }
        self.series.entry(series.as_str().to_owned()).or_default().count(series, now)
    }

    pub fn len(&self) -> usize {
        self.series.len()
    }

    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }
}

impl Recent {
    /// A clock that has stepped back counts in the latest span, so that it makes nobody's past shorter; unless it has stepped out of
    /// reach, as nobody is to wait for a time that was wrong.
    fn count(&mut self, series: &CounterSeries, now: Timestamp) -> Attempts {
        if self.newest > series.number(now).saturating_add(REACH) {
            *self = Self::default();
        }
        let number = series.number(now).max(self.newest);
        let passed = usize::try_from(number - self.newest).unwrap_or(usize::MAX).min(self.counts.len());
        self.counts.rotate_right(passed);
        self.counts.iter_mut().take(passed).for_each(|count| *count = 0);
        self.newest = number;
        self.expires_at = series.start(number.saturating_add(REACH + 1));
        if let Some(current) = self.counts.first_mut() {
            *current = current.saturating_add(1);
        }
        let spans = (0..).map(|back| number.saturating_sub(back)).zip(self.counts).filter(|(_, count)| *count > 0);
        let mut spans: Vec<_> = spans.collect();
        spans.reverse();
        Attempts { at: now, spans }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::testing::test;

    fn series(principal: &str) -> CounterSeries {
        CounterSeries::new("limit", "a", principal, Duration::from_secs(1))
    }

    #[test]
    fn counts_by_span_and_forgets() {
        let mut recent = RecentAttempts::default();
        let mut count = |now| recent.count(&series("b"), Timestamp(now)).spans;
        assert_eq!(count(0), [(0, 1)]);
        assert_eq!(count(100_000), [(100, 1)]);
        assert_eq!(count(100_999), [(100, 2)]);
        assert_eq!(count(101_000), [(100, 2), (101, 1)]);
        assert_eq!(count(110_999), [(100, 2), (101, 1), (110, 1)]);
        assert_eq!(count(111_000), [(101, 1), (110, 1), (111, 1)]);
        assert_eq!(count(105_000), [(101, 1), (110, 1), (111, 2)], "a clock that stepped back");
        assert_eq!(count(122_000), [(122, 1)]);
        assert_eq!(count(133_000), [(133, 1)], "a whole turn later");
        assert_eq!(count(900_000_000), [(900_000, 1)]);
        assert_eq!(count(134_000), [(134, 1)], "a clock that was wrong");
    }

    #[test]
    fn series_that_are_over_do_not_pile_up() {
        let mut recent = RecentAttempts::default();
        for n in 0..100_000 {
            recent.count(&series(&n.to_string()), Timestamp(n));
        }
        // A series lasts eleven spans of a second: 11,000 at a time.
        assert!(recent.len() <= 2 * 11_001, "{}", recent.len());
    }
}
