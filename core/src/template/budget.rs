use std::cell::Cell;

use serde_json::Value;

use super::RenderError;

/// What rendering may cost, so that a template that multiplies what a caller sends ends in an error.
#[derive(Debug)]
pub struct Budget {
    steps: Cell<usize>,
    bytes: Cell<usize>,
}

/// Some tenths of a second in Wasm at most.
const STEPS: usize = 1_000_000;
/// Of everything that is written or kept on the way.
const BYTES: usize = 4 << 20;
/// More than JSON that is read can be nested.
const MAX_DEPTH: usize = 128;
/// What a value takes beside its text.
const VALUE: usize = 32;

impl Budget {
    /// For a message whose body has so many bytes: a million steps and 4 MiB, and more for a longer body, as a template that shows
    /// it once or twice is no bomb.
    pub fn for_body(bytes: usize) -> Self {
        Self { steps: Cell::new(STEPS.saturating_add(bytes / 8)), bytes: Cell::new(BYTES.saturating_add(bytes.saturating_mul(4))) }
    }

    /// Takes steps.
    ///
    /// # Errors
    /// When there are not that many left.
    pub fn spend(&self, steps: usize) -> Result<(), RenderError> {
        take(&self.steps, steps, "too many steps")
    }

    /// Takes bytes.
    ///
    /// # Errors
    /// When there are not that many left.
    pub fn pay(&self, bytes: usize) -> Result<(), RenderError> {
        take(&self.bytes, bytes, "too much text")
    }

    /// A copy of a value, which is paid for.
    ///
    /// # Errors
    /// When there are not that many bytes left, or the value is nested too deeply to be kept.
    pub fn copy(&self, value: &Value) -> Result<Value, RenderError> {
        self.pay_for(value, 0)?;
        Ok(value.clone())
    }

    fn pay_for(&self, value: &Value, depth: usize) -> Result<(), RenderError> {
        if depth > MAX_DEPTH {
            return Err(RenderError::new("values are nested too deeply"));
        }
        self.spend(1)?;
        match value {
            Value::String(text) => self.pay(VALUE.saturating_add(text.len())),
            Value::Array(array) => {
                self.pay(VALUE)?;
                array.iter().try_for_each(|item| self.pay_for(item, depth + 1))
            }
            Value::Object(object) => {
                self.pay(VALUE)?;
                object.iter().try_for_each(|(key, item)| {
                    self.pay(VALUE.saturating_add(key.len()))?;
                    self.pay_for(item, depth + 1)
                })
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => self.pay(VALUE),
        }
    }
}

fn take(from: &Cell<usize>, amount: usize, what: &str) -> Result<(), RenderError> {
    match from.get().checked_sub(amount) {
        Some(left) => {
            from.set(left);
            Ok(())
        }
        None => {
            from.set(0);
            Err(RenderError::new(format!("the template takes {what}")))
        }
    }
}
