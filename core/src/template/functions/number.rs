use serde_json::{Number, Value};

use super::Call;
use crate::template::RenderError;

impl Call<'_, '_> {
    /// Of a string, what it begins with as a whole number; of a number, its whole part.
    pub(super) fn int(&self, input: &Value) -> Result<Value, RenderError> {
        let Some(text) = input.as_str() else { return Ok(Value::from(self.integer(input)?)) };
        let text = text.trim_ascii_start();
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", text.strip_prefix('+').unwrap_or(text)),
        };
        let digits = digits.split(|character: char| !character.is_ascii_digit()).next().unwrap_or_default();
        let number = format!("{sign}{digits}").parse::<i64>();
        number.map(Value::from).map_err(|_| self.needs("the text of a whole number"))
    }

    pub(super) fn float(&self, input: &Value) -> Result<Value, RenderError> {
        let Some(text) = input.as_str() else { return finite(self.number(input)?) };
        let number = text.trim_ascii().parse::<f64>().map_err(|_| self.needs("the text of a number"))?;
        finite(number)
    }

    /// To so many decimal places; to none gives a whole number.
    pub(super) fn round(&self, input: &Value, places: &Value) -> Result<Value, RenderError> {
        let (number, places) = (self.number(input)?, self.integer(places)?);
        let factor = 10f64.powi(i32::try_from(places.clamp(-400, 400)).unwrap_or_default());
        let rounded = (number * factor).round() / factor;
        if places != 0 {
            return finite(rounded);
        }
        truncated(rounded).map(Value::from).ok_or_else(|| RenderError::new("the number is too large"))
    }

    pub(super) fn divisible_by(&self, number: &Value, divisor: &Value) -> Result<Value, RenderError> {
        let (number, divisor) = (self.integer(number)?, self.integer(divisor)?);
        Ok(Value::Bool(number.checked_rem(divisor) == Some(0)))
    }
}

/// The whole part, where it fits.
pub fn truncated(number: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    // Within these bounds no bit of the whole part is lost.
    #[allow(clippy::cast_possible_truncation)]
    (-LIMIT..LIMIT).contains(&number).then_some(number as i64)
}

/// A number that JSON can say.
pub fn finite(number: f64) -> Result<Value, RenderError> {
    Number::from_f64(number).map(Value::Number).ok_or_else(|| RenderError::new("the number is too large"))
}
