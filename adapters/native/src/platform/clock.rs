use std::time::{Duration, SystemTime, UNIX_EPOCH};

use postern_core::platform::{Clock, LocalBoxFuture, Timestamp};

/// The operating system's wall clock. It waits only within a runtime of tokio's.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // A clock before 1970 is a machine without one: everything dated counts as not expired yet, tokens as not valid yet.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}
