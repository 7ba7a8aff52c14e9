use super::CounterSeries;
use crate::platform::Timestamp;

/// How many spans before and after its own an attempt sees. With spans of a tenth of a window, an attempt is seen for at least the
/// window, and for a tenth of it more at most.
pub const REACH: u64 = 10;

/// The attempts around one that was just counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attempts {
    /// By the clock that counted.
    pub at: Timestamp,
    /// Number of a span and the attempts in it, this one included; in order, no span twice, none of 0.
    pub spans: Vec<(u64, u64)>,
}

impl Attempts {
    pub fn total(&self) -> u64 {
        self.spans.iter().fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// When no more than `count` of these attempts are seen any longer.
    pub fn at_most(&self, series: &CounterSeries, count: u64) -> Timestamp {
        let mut left = self.total();
        let mut when = self.at;
        for (number, attempts) in &self.spans {
            if left <= count {
                break;
            }
            left = left.saturating_sub(*attempts);
            when = series.start(number.saturating_add(REACH + 1));
        }
        when
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::testing::test;

    use super::*;

    #[test]
    fn attempts_leave_span_by_span() {
        let series = CounterSeries::new("limit", "a", "b", Duration::from_secs(1));
        let attempts = Attempts { at: Timestamp(9_500), spans: vec![(2, 3), (5, 1), (9, 2)] };
        assert_eq!(attempts.total(), 6);
        for (count, when) in [(6, 9_500), (9, 9_500), (5, 13_000), (3, 13_000), (2, 16_000), (1, 20_000), (0, 20_000)] {
            assert_eq!(attempts.at_most(&series, count), Timestamp(when), "{count}");
        }
    }
}
