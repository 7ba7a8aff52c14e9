use super::map::{Map, Mixer};
use super::meter::Meter;
use crate::value::TableKind;
use crate::{Raise, Value};

/// A table: values 1 to n in a row, everything else in an ordered map.
///
/// What holds at all times: the last element of the array is not nil, and the map has no live key that is a whole number from 1 to the
/// array's length + 1. So the length of the array is a border in the sense of `#`.
#[derive(Default)]
pub(crate) struct Table {
    array: Vec<Value>,
    map: Option<Box<Map>>,
    pub(crate) kind: TableKind,
}

impl Table {
    pub(crate) fn new(kind: TableKind, elements: usize, members: usize, meter: &Meter) -> Result<Self, Raise> {
        let mut table = Self { kind, ..Self::default() };
        if elements > 0 {
            meter.reserve(&mut table.array, elements)?;
        }
        if members > 0 {
            meter.allocate(size_of::<Map>())?;
            table.map = Some(Box::new(Map::with_capacity(members, meter)?));
        }
        Ok(table)
    }

    /// What `#` gives.
    #[inline]
    pub(crate) fn length(&self) -> usize {
        self.array.len()
    }

    /// The elements, nulls included; what was removed from the middle is nil.
    pub(crate) fn elements(&self) -> &[Value] {
        &self.array
    }

    pub(crate) fn elements_mut(&mut self) -> &mut [Value] {
        &mut self.array
    }

    /// Whether there is anything beside the elements.
    pub(crate) fn has_members(&self) -> bool {
        self.map.as_ref().is_some_and(|map| !map.is_empty())
    }

    /// The value of a normalized key; a null is given as it is.
    #[inline]
    pub(crate) fn get(&self, key: Value, mixer: Mixer) -> Value {
        if let Value::Number(number) = key
            && let Some(value) = element(number).and_then(|at| self.array.get(at))
        {
            return *value;
        }
        self.get_member(key, mixer)
    }

    #[inline]
    pub(crate) fn get_member(&self, key: Value, mixer: Mixer) -> Value {
        self.map.as_ref().map_or(Value::Nil, |map| map.get(key, mixer))
    }

    /// Sets the value of a normalized key.
    #[inline]
    pub(crate) fn set(&mut self, key: Value, value: Value, mixer: Mixer, meter: &Meter) -> Result<(), Raise> {
        if let Value::Number(number) = key
            && let Some(at) = element(number)
        {
            if let Some(slot) = self.array.get_mut(at) {
                *slot = value;
                if at + 1 == self.array.len() && matches!(value, Value::Nil) {
                    self.trim();
                }
                return Ok(());
            }
            if at == self.array.len() {
                if matches!(value, Value::Nil) {
                    return Ok(());
                }
                return self.push(value, mixer, meter);
            }
        }
        self.set_member(key, value, mixer, meter)
    }

    pub(crate) fn set_member(&mut self, key: Value, value: Value, mixer: Mixer, meter: &Meter) -> Result<(), Raise> {
        if self.map.is_none() {
            if matches!(value, Value::Nil) {
                return Ok(());
            }
            meter.allocate(size_of::<Map>())?;
        }
        self.map.get_or_insert_default().set(key, value, mixer, meter)
    }

    /// Adds an element that is not nil.
    pub(crate) fn push(&mut self, value: Value, mixer: Mixer, meter: &Meter) -> Result<(), Raise> {
        meter.push(&mut self.array, value)?;
        if let Some(map) = &mut self.map
            && map.has_numbers()
        {
            #[expect(clippy::cast_precision_loss, reason = "an array has less than 2^53 elements")]
            while let Some(value) = map.take(Value::Number((self.array.len() + 1) as f64), mixer) {
                meter.push(&mut self.array, value)?;
            }
        }
        Ok(())
    }

    /// Adds the values of a constructor, of which `before` came earlier; false when they must be set one by one.
    pub(crate) fn extend(&mut self, before: usize, values: &[Value], meter: &Meter) -> Result<bool, Raise> {
        if self.array.len() > before || self.map.as_ref().is_some_and(|map| map.has_numbers()) {
            return Ok(false);
        }
        let gap = before - self.array.len();
        meter.reserve(&mut self.array, gap + values.len())?;
        self.array.resize(before, Value::Nil);
        self.array.extend_from_slice(values);
        self.trim();
        Ok(true)
    }

    /// What follows a key in a traversal; `None` at its end. Nulls are passed over. Each place that is looked at is charged, as there
    /// may be many empty ones.
    pub(crate) fn next(&self, key: Value, mixer: Mixer, meter: &Meter) -> Result<Option<(Value, Value)>, Raise> {
        let mut at = match key {
            Value::Nil => Place::Element(0),
            _ => self.after(key, mixer)?,
        };
        loop {
            let (key, value, next) = match at {
                Place::Element(at) => match self.array.get(at) {
                    #[expect(clippy::cast_precision_loss, reason = "an array has less than 2^53 elements")]
                    Some(value) => (Value::Number((at + 1) as f64), *value, Place::Element(at + 1)),
                    None => (Value::Nil, Value::Nil, Place::Member(0)),
                },
                Place::Member(at) => match self.member(at) {
                    Some((key, value)) => (key, value, Place::Member(at + 1)),
                    None => return Ok(None),
                },
            };
            if !value.is_nil() {
                return Ok(Some((key, value)));
            }
            meter.charge(1)?;
            at = next;
        }
    }

    /// The member at a position of the map: its key and value, which is nil if it was removed.
    pub(crate) fn member(&self, at: usize) -> Option<(Value, Value)> {
        self.map.as_ref()?.entry(at)
    }

    fn after(&self, key: Value, mixer: Mixer) -> Result<Place, Raise> {
        let whole = if let Value::Number(number) = key { element(number) } else { None };
        if let Some(at) = whole
            && at < self.array.len()
        {
            return Ok(Place::Element(at + 1));
        }
        match self.map.as_ref().and_then(|map| map.find(key, mixer)) {
            Some(at) => Ok(Place::Member(at + 1)),
            // An element that the traversal has removed since, with all after it.
            None if whole.is_some() => Ok(Place::Member(0)),
            None => Err(Raise::message("invalid key to 'next'")),
        }
    }

    fn trim(&mut self) {
        while let Some(Value::Nil) = self.array.last() {
            self.array.pop();
        }
    }
}

enum Place {
    Element(usize),
    Member(usize),
}

/// The position in an array of the element with this key, if it is a whole number from 1.
#[inline]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "checked by casting back")]
pub(crate) fn element(number: f64) -> Option<usize> {
    let whole = number as usize;
    if whole as f64 == number && whole < usize::MAX { whole.checked_sub(1) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    const MIXER: Mixer = Mixer(7, 9);

    fn number(n: f64) -> Value {
        Value::Number(n)
    }

    #[test]
    fn elements_move_from_the_map_when_the_gap_closes() {
        let meter = Meter::new(&Limits::default());
        let mut table = Table::default();
        for key in [3.0, 2.0, 5.0, 1.0] {
            table.set(number(key), Value::Boolean(true), MIXER, &meter).unwrap();
        }
        assert_eq!(table.length(), 3);
        assert!(table.has_members());
        table.set(number(4.0), Value::Null, MIXER, &meter).unwrap();
        assert_eq!(table.length(), 5);
        assert!(!table.has_members());
        table.set(number(5.0), Value::Nil, MIXER, &meter).unwrap();
        assert_eq!(table.length(), 4, "a null is an element");
    }

    #[test]
    fn keys_that_are_no_positions() {
        for n in [0.0, -1.0, 0.5, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
            assert_eq!(element(n), None, "{n}");
        }
        assert_eq!(element(1.0), Some(0));
    }

    #[test]
    fn all_is_met_when_a_traversal_removes_what_it_meets() {
        let meter = Meter::new(&Limits::default());
        let mut table = Table::default();
        for key in [2.0, 0.5, 3.0, 1.0, 7.0] {
            table.set(number(key), Value::Boolean(true), MIXER, &meter).unwrap();
        }
        let mut met = Vec::new();
        let mut key = Value::Nil;
        while let Some((Value::Number(next), _)) = table.next(key, MIXER, &meter).unwrap() {
            met.push(next);
            key = number(next);
            table.set(key, Value::Nil, MIXER, &meter).unwrap();
        }
        assert_eq!(met, [1.0, 2.0, 3.0, 0.5, 7.0]);
    }
}
