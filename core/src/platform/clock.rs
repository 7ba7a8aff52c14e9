use std::time::Duration;

use super::LocalBoxFuture;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub u64);

/// The host's wall clock and its timer. On Workers it stands still while the program computes and moves on with each answer from outside.
pub trait Clock {
    fn now(&self) -> Timestamp;

    /// Waits that long, at least. Dropping the future ends the wait.
    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'_, ()>;
}

impl Timestamp {
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    pub const fn seconds(self) -> u64 {
        self.0 / 1000
    }

    /// The latest time there is where the sum is beyond it.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)))
    }

    /// Zero when `earlier` is later, as clocks may step back.
    pub const fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// Whether `then` was less than that long ago. What is still to come was remembered before the clock was set back, and nobody knows
    /// how long ago that is.
    pub fn is_within(self, duration: Duration, then: Timestamp) -> bool {
        self >= then && self.since(then) < duration
    }

    /// RFC 3339 in UTC with milliseconds: `2026-11-20T22:31:00.123Z`.
    pub fn to_rfc3339(self) -> String {
        let nanoseconds = i128::from(self.0) * 1_000_000;
        match time::OffsetDateTime::from_unix_timestamp_nanos(nanoseconds) {
            Ok(t) => format!(
                "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                t.year(),
                u8::from(t.month()),
                t.day(),
                t.hour(),
                t.minute(),
                t.second(),
                t.millisecond()
            ),
            Err(_) => String::from("9999-12-31T23:59:59.999Z"),
        }
    }

    /// Reads RFC 3339; `None` when the text is not that, or lies before 1970.
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let t = time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).ok()?;
        u64::try_from(t.unix_timestamp_nanos() / 1_000_000).ok().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::test;

    use super::*;

    #[test]
    fn rfc3339_round_trips() {
        let text = "2026-11-20T22:31:00.123Z";
        assert_eq!(Timestamp::from_rfc3339(text).map(Timestamp::to_rfc3339).as_deref(), Some(text));
        assert_eq!(Timestamp::from_rfc3339("2026-11-20"), None);
        assert_eq!(Timestamp(0).to_rfc3339(), "1970-01-01T00:00:00.000Z");
    }
}
