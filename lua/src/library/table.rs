use super::arguments::Arguments;
use crate::value::TableId;
use crate::vm::machine::Machine;
use crate::{Raise, Value};

impl Machine {
    pub(super) fn table_insert(&mut self, arguments: Arguments) -> Result<(), Raise> {
        let table = self.table_argument(arguments, 1)?;
        let end = position(self.heap.length(table)) + 1;
        let (at, value) = match arguments.count {
            2 => (end, self.any(arguments, 2)?),
            3 => (self.integer_argument(arguments, 2)?, self.any(arguments, 3)?),
            _ => return Err(Raise::message("wrong number of arguments to 'insert'")),
        };
        if at < end && !self.shift_elements(table, at)? {
            // From a place before the first element: one by one, as Lua does.
            for to in (at.saturating_add(1)..=end).rev() {
                self.heap.meter.charge(1)?;
                let moved = self.element(table, to - 1)?;
                self.set_element(table, to, moved)?;
            }
        }
        self.set_element(table, at, value)
    }

    pub(super) fn table_remove(&mut self, at: usize, arguments: Arguments) -> Result<usize, Raise> {
        let table = self.table_argument(arguments, 1)?;
        let end = position(self.heap.length(table));
        let from = match self.given(arguments, 2) {
            None | Some(Value::Nil) => end,
            Some(_) => self.integer_argument(arguments, 2)?,
        };
        if !(1..=end).contains(&from) {
            return Ok(0);
        }
        let removed = self.element(table, from)?;
        let moved = usize::try_from(end - from).unwrap_or_default();
        self.heap.meter.charge(moved / 8)?;
        if let Some((table, _)) = self.heap.table_with_meter(table)
            && let Some(tail) = usize::try_from(from - 1).ok().and_then(|from| table.elements_mut().get_mut(from..))
            && !tail.is_empty()
        {
            tail.rotate_left(1);
        }
        self.set_element(table, end, Value::Nil)?;
        self.put_results(at, &[removed.read()])
    }

    /// Moves the elements from `at` up by one; false if that is not the place of an element.
    fn shift_elements(&mut self, table: TableId, at: i64) -> Result<bool, Raise> {
        let Some(from) = at.checked_sub(1).and_then(|index| usize::try_from(index).ok()) else { return Ok(false) };
        let Some(last) = self.heap.elements(table).last().copied() else { return Ok(false) };
        self.heap.meter.charge(self.heap.length(table).saturating_sub(from) / 8)?;
        self.heap.push(table, last)?;
        if let Some((table, _)) = self.heap.table_with_meter(table)
            && let Some(moved) = table.elements_mut().get_mut(from..)
        {
            moved.rotate_right(1);
        }
        Ok(true)
    }

    /// An element as it is, also a null.
    fn element(&mut self, table: TableId, at: i64) -> Result<Value, Raise> {
        match at.checked_sub(1).and_then(|index| usize::try_from(index).ok()).and_then(|index| self.heap.elements(table).get(index)) {
            Some(value) => Ok(*value),
            None => self.heap.get(table, key(at)),
        }
    }

    fn set_element(&mut self, table: TableId, at: i64, value: Value) -> Result<(), Raise> {
        self.heap.set(table, key(at), value)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a position in a table is below 2^53, or was a number before")]
fn key(at: i64) -> Value {
    Value::Number(at as f64)
}

fn position(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
