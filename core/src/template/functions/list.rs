use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value;

use super::{Call, Item};
use crate::template::RenderError;
use crate::template::value;

impl Call<'_, '_> {
    /// A member of an object, or an item of an array.
    pub(super) fn at<'a>(&self, of: Item<'a>, key: &Value) -> Result<Item<'a>, RenderError> {
        let missing = || RenderError::new("`at` finds nothing there");
        if of.is_object() {
            let key = self.text(key)?;
            return picked(of, |value| value.get(key)).ok_or_else(missing);
        }
        let index = usize::try_from(self.integer(key)?).map_err(|_| missing())?;
        if !of.is_array() {
            return Err(self.needs("an object or an array"));
        }
        picked(of, |value| value.get(index)).ok_or_else(missing)
    }

    pub(super) fn first<'a>(&self, of: Item<'a>) -> Result<Item<'a>, RenderError> {
        picked(of, |value| value.as_array()?.first()).ok_or_else(|| self.needs("an array with items"))
    }

    pub(super) fn last<'a>(&self, of: Item<'a>) -> Result<Item<'a>, RenderError> {
        picked(of, |value| value.as_array()?.last()).ok_or_else(|| self.needs("an array with items"))
    }

    /// The first item that no other one comes before, in this order.
    pub(super) fn best<'a>(&self, of: Item<'a>, order: Ordering) -> Result<Item<'a>, RenderError> {
        let items = of.as_array().filter(|items| !items.is_empty()).ok_or_else(|| self.needs("an array with items"))?;
        let (mut best, mut at) = (items.first(), 0);
        for (index, item) in items.iter().enumerate() {
            if best.map(|best| value::compare(item, best, self.budget)).transpose()? == Some(order) {
                (best, at) = (Some(item), index);
            }
        }
        picked(of, |value| value.get(at)).ok_or_else(|| self.needs("an array with items"))
    }

    /// Bytes of a string, else how many items there are.
    pub(super) fn length(&self, of: &Value) -> Value {
        Value::from(match of {
            Value::Null => 0,
            Value::String(text) => text.len(),
            Value::Array(array) => array.len(),
            Value::Object(object) => object.len(),
            Value::Bool(_) | Value::Number(_) => 1,
        })
    }

    pub(super) fn sort(&self, of: Item<'_>) -> Result<Value, RenderError> {
        let Value::Array(mut sorted) = self.budget.copy(&of)? else { return Err(self.needs("an array")) };
        // Each comparison is charged for; where that fails, the order does not matter any more.
        let mut failed = None;
        sorted.sort_by(|a, b| {
            value::compare(a, b, self.budget).unwrap_or_else(|error| {
                failed.get_or_insert(error);
                Ordering::Equal
            })
        });
        failed.map_or(Ok(Value::Array(sorted)), Err)
    }

    pub(super) fn range(&self, end: &Value) -> Result<Value, RenderError> {
        let end = u64::try_from(self.integer(end)?).map_err(|_| self.needs("a number that is not negative"))?;
        // What is more than memory can address is more than the budget too.
        let end = usize::try_from(end).unwrap_or(usize::MAX);
        self.budget.pay(end.saturating_mul(size_of::<Value>()))?;
        Ok((0..end).collect())
    }

    pub(super) fn join(&self, of: &Value, separator: &Value) -> Result<Value, RenderError> {
        let (items, separator) = (of.as_array().ok_or_else(|| self.needs("an array"))?, self.text(separator)?);
        let mut out = String::new();
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.budget.pay(separator.len())?;
                out.push_str(separator);
            }
            match item {
                Value::String(_) => value::print(item, &mut out, self.budget)?,
                other => value::write(other, &mut out, self.budget)?,
            }
        }
        Ok(Value::String(out))
    }
}

/// A part of a value, borrowed if the value is.
pub fn picked<'a>(of: Item<'a>, pick: impl FnOnce(&Value) -> Option<&Value>) -> Option<Item<'a>> {
    match of {
        Cow::Borrowed(value) => pick(value).map(Cow::Borrowed),
        Cow::Owned(value) => pick(&value).cloned().map(Cow::Owned),
    }
}
