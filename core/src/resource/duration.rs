use serde::{Deserialize, Serialize};

/// A length of time: exactly one of the keys, as in `{minutes: 2}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Duration {
    Milliseconds(u32),
    Seconds(u32),
    Minutes(u32),
    Hours(u32),
    Days(u32),
    Weeks(u32),
    /// 30 days each.
    Months(u32),
}

impl Default for Duration {
    fn default() -> Self {
        Self::Milliseconds(0)
    }
}

impl Duration {
    /// As the standard library has it.
    pub fn to_std(self) -> std::time::Duration {
        const DAY: u64 = 86_400;
        let seconds = match self {
            Duration::Milliseconds(n) => return std::time::Duration::from_millis(u64::from(n)),
            Duration::Seconds(n) => u64::from(n),
            Duration::Minutes(n) => u64::from(n) * 60,
            Duration::Hours(n) => u64::from(n) * 3600,
            Duration::Days(n) => u64::from(n) * DAY,
            Duration::Weeks(n) => u64::from(n) * 7 * DAY,
            Duration::Months(n) => u64::from(n) * 30 * DAY,
        };
        std::time::Duration::from_secs(seconds)
    }
}
