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
    budget: BodyBudget,
    bytes: usize,
}

impl BodyBudget {
    pub fn new(limit: usize) -> Self {
        Self { held: Rc::default(), limit }
    }

    /// `None` when the budget does not have that much left.
    pub fn hold(&self, bytes: usize) -> Option<Held> {
        let mut held = Held { budget: self.clone(), bytes: 0 };
        held.resize(bytes).then_some(held)
    }

    /// Bytes in all: what one body can have at most.
    pub fn limit(&self) -> usize {
        self.limit
    }
}

impl Held {
    /// Holds so many bytes from now on. False when the budget does not have that much left; then nothing changes.
    pub fn resize(&mut self, bytes: usize) -> bool {
        let others = self.budget.held.get().saturating_sub(self.bytes);
        let total = others.checked_add(bytes).filter(|total| *total <= self.budget.limit);
        if let Some(total) = total {
            self.budget.held.set(total);
            self.bytes = bytes;
        }
        total.is_some()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.resize(0);
    }
}
