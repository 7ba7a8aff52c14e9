use std::cell::Cell;

/// How much work all expressions of one request may do together, so that neither a hostile body nor a costly rule holds the
/// processor. A step is roughly one operation, one element lent to a macro such as `exists`, or some bytes of text compared or
/// copied. The default is 1,000,000 steps: tens of milliseconds in Wasm, and hundreds of times what ordinary rules need.
#[derive(Debug, Clone)]
pub struct Budget(Cell<usize>);

/// The budget is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exhausted;

impl Budget {
    pub const fn new(steps: usize) -> Self {
        Self(Cell::new(steps))
    }

    /// Takes the steps before the work is done.
    ///
    /// # Errors
    /// When fewer are left; then nothing more can be spent at all.
    pub fn spend(&self, steps: usize) -> Result<(), Exhausted> {
        let left = self.0.get().checked_sub(steps);
        self.0.set(left.unwrap_or(0));
        left.map(|_| ()).ok_or(Exhausted)
    }

    pub fn left(&self) -> usize {
        self.0.get()
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overdraft_spends_everything() {
        let budget = Budget::new(10);
        assert_eq!(budget.spend(4), Ok(()));
        assert_eq!(budget.spend(7), Err(Exhausted));
        assert_eq!(budget.spend(1), Err(Exhausted));
    }
}
