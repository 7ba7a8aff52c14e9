use std::sync::atomic::{AtomicUsize, Ordering};

/// How much work all expressions of one request may do together, so that neither a hostile body nor a costly rule holds the
/// processor. A step is roughly four operations on one element of a list, or 64 bytes of text that are read or copied. The
/// default is 500,000 steps: some hundred milliseconds in Wasm, and hundreds of times what ordinary rules need.
#[derive(Debug)]
pub struct Budget(AtomicUsize);

/// The budget is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exhausted;

impl Budget {
    /// A budget of so many steps.
    pub const fn new(steps: usize) -> Self {
        Self(AtomicUsize::new(steps))
    }

    /// Takes the steps before the work is done.
    ///
    /// # Errors
    /// When fewer are left; then nothing more can be spent at all.
    pub fn spend(&self, steps: usize) -> Result<(), Exhausted> {
        let left = self.left().checked_sub(steps);
        self.0.store(left.unwrap_or(0), Ordering::Relaxed);
        left.map(|_| ()).ok_or(Exhausted)
    }

    /// Steps that can still be spent.
    pub fn left(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(500_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn an_overdraft_spends_everything() {
        let budget = Budget::new(10);
        assert_eq!(budget.spend(4), Ok(()));
        assert_eq!(budget.spend(7), Err(Exhausted));
        assert_eq!(budget.spend(1), Err(Exhausted));
    }
}
