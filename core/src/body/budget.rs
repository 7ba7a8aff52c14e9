use std::cell::Cell;
use std::rc::Rc;

/// How many bytes of bodies an instance may hold at once, so that many large requests end in 503 and not in its death.
#[derive(Debug, Clone)]
pub struct BodyBudget {
    held: Rc<Cell<usize>>,
    limit: usize,
}

/// A share of the budget, given back when dropped.
#[derive(Debug)]
pub struct Held {
    total: Rc<Cell<usize>>,
    bytes: usize,
}

impl BodyBudget {
    pub fn new(limit: usize) -> Self {
        Self { held: Rc::default(), limit }
    }

    /// `None` when the budget does not have that much left.
    pub fn hold(&self, bytes: usize) -> Option<Held> {
        let total = self.held.get().checked_add(bytes).filter(|total| *total <= self.limit)?;
        self.held.set(total);
        Some(Held { total: self.held.clone(), bytes })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.total.set(self.total.get().saturating_sub(self.bytes));
    }
}
