use std::time::Duration;

use crate::hex;
use crate::platform::Timestamp;

/// The counters of one limit and one principal: one for each span of time. It can only be made with everything that must scope it,
/// so that no two limits share a counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterSeries {
    name: String,
    /// Milliseconds, never 0.
    span: u64,
}

/// One counter's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CounterKey(String);

/// What the names of all counters begin with.
const PREFIX: &str = "counter/";

impl CounterSeries {
    /// `purpose` is a word of the code's. `owner` and `principal` may be any text, also a caller's: they enter as a digest, so that a
    /// name has the same form and length whatever they are. `span` is rounded up to milliseconds.
    pub fn new(purpose: &str, owner: &str, principal: &str, span: Duration) -> Self {
        use sha2::{Digest, Sha256};
        let digest = Sha256::new()
            .chain_update((owner.len() as u64).to_be_bytes())
            .chain_update(owner.as_bytes())
            .chain_update(principal.as_bytes())
            .finalize();
        let digits = hex::encode(&digest);
        let span = u64::try_from(span.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX).max(1);
        // Half of the digest is enough to keep principals apart.
        Self { name: format!("{PREFIX}{purpose}/{}/{span}", digits.get(..32).unwrap_or(&digits)), span }
    }

    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Milliseconds of a span.
    pub fn span(&self) -> u64 {
        self.span
    }

    /// The number of the span that a time is in, from 1970 on.
    pub fn number(&self, at: Timestamp) -> u64 {
        at.0 / self.span
    }

    /// When a span begins.
    pub fn start(&self, number: u64) -> Timestamp {
        Timestamp(number.saturating_mul(self.span))
    }

    /// The counter of a span.
    pub fn counter(&self, number: u64) -> CounterKey {
        CounterKey(format!("{}/{number}", self.name))
    }
}

impl CounterKey {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The spans of the series that have passed since the one that a counter of this name is for. `None` for a name that is no
    /// counter's: stores hold other things too.
    pub fn age(name: &str, now: Timestamp) -> Option<u64> {
        let mut parts = name.strip_prefix(PREFIX)?.split('/').skip(2);
        let (span, number) = (parts.next()?.parse::<u64>().ok()?, parts.next()?.parse::<u64>().ok()?);
        (span > 0 && parts.next().is_none()).then(|| (now.0 / span).saturating_sub(number))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::test;

    use super::*;

    fn series(owner: &str, principal: &str) -> CounterSeries {
        CounterSeries::new("limit", owner, principal, Duration::from_secs(6))
    }

    #[test]
    fn names_have_one_form_whatever_is_counted() {
        for principal in ["", "../../secret/x", "a\nb", &"x".repeat(100_000), "ü/\0"] {
            let name = series("owner", principal).counter(7).as_str().to_owned();
            let parts: Vec<_> = name.split('/').collect();
            assert_eq!((parts.len(), parts[0], parts[1], parts[3], parts[4]), (5, "counter", "limit", "6000", "7"), "{name}");
            assert!(parts[2].len() == 32 && parts[2].bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
        }
    }

    #[test]
    fn nothing_can_be_moved_from_owner_to_principal() {
        assert_ne!(series("a", "bc"), series("ab", "c"));
        assert_ne!(series("", "a"), series("a", ""));
        assert_ne!(series("a", "b"), CounterSeries::new("limit", "a", "b", Duration::from_secs(7)));
        assert_ne!(series("a", "b"), CounterSeries::new("oauth2", "a", "b", Duration::from_secs(6)));
    }

    #[test]
    fn spans() {
        let series = series("a", "b");
        assert_eq!((series.number(Timestamp(5_999)), series.number(Timestamp(6_000))), (0, 1));
        assert_eq!(series.start(2), Timestamp(12_000));
        assert_eq!(CounterSeries::new("p", "", "", Duration::from_nanos(1)).span(), 1);
        assert_eq!(CounterSeries::new("p", "", "", Duration::ZERO).span(), 1);
    }

    #[test]
    fn a_name_tells_its_age() {
        let (now, name) = (Timestamp(60_000), series("a", "b").counter(3).as_str().to_owned());
        assert_eq!(CounterKey::age(&name, now), Some(7));
        assert_eq!(CounterKey::age(&name, Timestamp(0)), Some(0));
        for other in ["secret/a/b/6000/3", "counter/a/b/6000", "counter/a/b/6000/3/4", "counter/a/b/0/3", "counter/a/b/x/3", ""] {
            assert_eq!(CounterKey::age(other, now), None, "{other}");
        }
    }
}
