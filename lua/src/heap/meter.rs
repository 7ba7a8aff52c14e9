use std::cell::Cell;

use crate::{Limits, Raise, Resource};

/// What a run has left. In cells, so that reading the heap can be charged for as well.
pub(crate) struct Meter {
    /// Instructions left before the run pauses. Below zero after a long operation that overdrew the slice.
    slice: Cell<i64>,
    /// Instructions left beyond this slice.
    reserve: Cell<i64>,
    memory_used: Cell<usize>,
    memory_limit: usize,
    slice_length: Option<i64>,
}

impl Meter {
    pub(crate) fn new(limits: &Limits) -> Self {
        let meter = Self {
            slice: Cell::new(0),
            reserve: Cell::new(0),
            memory_used: Cell::new(0),
            memory_limit: limits.memory,
            slice_length: limits.slice.map(|n| clamp(n).max(1)),
        };
        meter.set_instructions(limits.instructions);
        meter
    }

    pub(crate) fn set_instructions(&self, instructions: u64) {
        self.slice.set(0);
        self.reserve.set(clamp(instructions));
        self.next_slice();
    }

    /// Instructions left in all.
    pub(crate) fn instructions(&self) -> u64 {
        u64::try_from(self.slice.get() + self.reserve.get()).unwrap_or(0)
    }

    pub(crate) fn memory_used(&self) -> usize {
        self.memory_used.get()
    }

    /// Charges one instruction; false when the slice has none left.
    #[inline]
    pub(crate) fn step(&self) -> bool {
        let left = self.slice.get();
        if left <= 0 {
            return false;
        }
        self.slice.set(left - 1);
        true
    }

    /// Moves what the next slice may spend out of the reserve; false when there is nothing left.
    pub(crate) fn next_slice(&self) -> bool {
        let total = self.slice.get() + self.reserve.get();
        let slice = self.slice_length.unwrap_or(total).min(total);
        self.slice.set(slice);
        self.reserve.set(total - slice);
        total > 0
    }

    /// Charges a long operation before it runs.
    pub(crate) fn charge(&self, instructions: usize) -> Result<(), Raise> {
        let left = self.slice.get() - i64::try_from(instructions).unwrap_or(i64::MAX / 2);
        self.slice.set(left);
        if left + self.reserve.get() < 0 {
            // Whatever else is tried finds nothing left.
            self.slice.set(0);
            self.reserve.set(0);
            return Err(Raise::Exhausted(Resource::Instructions));
        }
        Ok(())
    }

    /// Charges work on so many bytes that are copied or compared: sixteen of them cost one instruction.
    pub(crate) fn charge_bytes(&self, bytes: usize) -> Result<(), Raise> {
        if bytes < 16 { Ok(()) } else { self.charge(bytes / 16) }
    }

    /// Charges memory before it is allocated.
    pub(crate) fn allocate(&self, bytes: usize) -> Result<(), Raise> {
        let used = self.memory_used.get().saturating_add(bytes);
        if used > self.memory_limit {
            return Err(Raise::Exhausted(Resource::Memory));
        }
        self.memory_used.set(used);
        Ok(())
    }

    /// Makes room for more elements. While a vector moves, its old place counts too, so that the limit holds at every moment.
    pub(crate) fn reserve<T>(&self, vector: &mut Vec<T>, more: usize) -> Result<(), Raise> {
        let needed = vector.len().saturating_add(more);
        let capacity = vector.capacity();
        if needed <= capacity {
            return Ok(());
        }
        let larger = needed.max(capacity.saturating_mul(2)).max(4);
        self.allocate(larger.saturating_mul(size_of::<T>()))?;
        vector.reserve_exact(larger - vector.len());
        self.memory_used.set(self.memory_used.get().saturating_sub(capacity * size_of::<T>()));
        Ok(())
    }

    /// Adds an element, with the memory for it.
    pub(crate) fn push<T>(&self, vector: &mut Vec<T>, element: T) -> Result<(), Raise> {
        if vector.len() == vector.capacity() {
            self.reserve(vector, 1)?;
        }
        vector.push(element);
        Ok(())
    }

    /// Adds an element and gives its index.
    pub(crate) fn store<T>(&self, vector: &mut Vec<T>, element: T) -> Result<u32, Raise> {
        let index = u32::try_from(vector.len()).map_err(|_| Raise::Exhausted(Resource::Memory))?;
        self.push(vector, element)?;
        Ok(index)
    }
}

/// Far from where sums of two overflow.
fn clamp(instructions: u64) -> i64 {
    i64::try_from(instructions).unwrap_or(i64::MAX).min(i64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(instructions: u64, memory: usize, slice: Option<u64>) -> Meter {
        Meter::new(&Limits { instructions, memory, suspensions: 0, slice })
    }

    #[test]
    fn instructions_run_out() {
        let meter = meter(3, 0, None);
        assert_eq!((0..5).filter(|_| meter.step()).count(), 3);
        assert!(!meter.next_slice());
        assert!(meter.charge(1).is_err());
    }

    #[test]
    fn slices_add_up_to_the_whole() {
        let meter = meter(10, 0, Some(4));
        let mut steps = Vec::new();
        loop {
            steps.push((0..9).take_while(|_| meter.step()).count());
            if !meter.next_slice() {
                break;
            }
        }
        assert_eq!(steps, [4, 4, 2]);
    }

    #[test]
    fn a_long_operation_may_overdraw_the_slice_but_not_the_whole() {
        let meter = meter(100, 0, Some(10));
        assert!(meter.charge(50).is_ok());
        assert!(!meter.step());
        assert!(meter.next_slice());
        assert_eq!(meter.instructions(), 50);
        assert!(meter.charge(51).is_err());
        assert_eq!(meter.instructions(), 0);
        assert!(meter.charge(usize::MAX).is_err());
    }

    #[test]
    fn a_growing_vector_stays_below_the_limit_while_it_moves() {
        let meter = meter(0, 100, None);
        let mut bytes: Vec<u8> = Vec::new();
        let mut grown = 0;
        while meter.push(&mut bytes, 0).is_ok() {
            grown += 1;
        }
        assert_eq!(grown, 64, "32 bytes may become 64, but 64 beside 128 are too many");
        assert_eq!(meter.memory_used(), 64);
    }
}
