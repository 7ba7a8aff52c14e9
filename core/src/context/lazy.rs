use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use serde_json::Value;

/// JSON that is made when a rule first reads it: most requests meet no rule that does.
#[derive(Clone)]
pub struct Lazy(Arc<LazyLock<Value, Box<dyn FnOnce() -> Value + Send + Sync>>>);

impl Lazy {
    pub fn new(make: impl FnOnce() -> Value + Send + Sync + 'static) -> Self {
        Self(Arc::new(LazyLock::new(Box::new(make))))
    }
}

impl Deref for Lazy {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

impl fmt::Debug for Lazy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lazy")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::testing::test;

    #[test]
    fn it_is_made_once_and_only_when_it_is_read() {
        let made = Arc::new(AtomicU32::new(0));
        let counter = made.clone();
        let lazy = Lazy::new(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            Value::from(7)
        });
        let other = lazy.clone();
        assert_eq!(made.load(Ordering::Relaxed), 0);
        assert_eq!((&*lazy, &*other, made.load(Ordering::Relaxed)), (&Value::from(7), &Value::from(7), 1));
    }
}
