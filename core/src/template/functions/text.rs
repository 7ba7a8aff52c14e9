use serde_json::Value;

use super::Call;
use crate::template::RenderError;

impl Call<'_, '_> {
    pub(super) fn changed(&self, input: &Value, change: impl FnOnce(&str) -> String) -> Result<Value, RenderError> {
        let text = self.text(input)?;
        self.budget.pay(text.len())?;
        Ok(Value::String(change(text)))
    }

    /// Counts bytes, and leaves out a character that it would cut in two. What is no whole number, and a start that is outside of the
    /// text, give nothing; a length that is none or too long reaches to the end.
    pub(super) fn substring(&self, input: &Value, start: &Value, length: Option<&Value>) -> Result<Value, RenderError> {
        let text = self.text(input)?;
        let nothing = || Ok(Value::String(String::new()));
        let Some(start) = start.as_i64().and_then(|start| usize::try_from(start).ok()).filter(|start| *start < text.len()) else {
            return nothing();
        };
        let length = match length.map(Value::as_i64) {
            None => None,
            Some(None) => return nothing(),
            Some(Some(length)) => usize::try_from(length).ok().filter(|length| *length > 0),
        };
        let end = length.and_then(|length| start.checked_add(length)).filter(|end| *end <= text.len()).unwrap_or(text.len());
        let start = (start..=end).find(|at| text.is_char_boundary(*at)).unwrap_or(end);
        let end = (start..=end).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(start);
        self.made(text.get(start..end).unwrap_or_default().to_owned())
    }

    pub(super) fn replace_with_random(&self, input: &Value, pattern: &Value) -> Result<Value, RenderError> {
        let (text, pattern) = (self.text(input)?, self.text(pattern)?);
        if pattern.is_empty() {
            return self.made(text.to_owned());
        }
        let random = self.data.random(pattern);
        let found = text.matches(pattern).count();
        self.budget.pay(text.len().saturating_add(found.saturating_mul(random.len())))?;
        Ok(Value::String(text.replace(pattern, &random)))
    }

    /// Of all strings in the value.
    pub(super) fn word_count(&self, input: &Value) -> Result<Value, RenderError> {
        Ok(Value::from(self.words(input)?))
    }

    fn words(&self, value: &Value) -> Result<usize, RenderError> {
        self.budget.spend(1)?;
        match value {
            Value::String(text) => {
                self.budget.spend(text.len() / 16)?;
                Ok(text.split_ascii_whitespace().count())
            }
            Value::Array(array) => array.iter().map(|item| self.words(item)).sum(),
            Value::Object(object) => object.values().map(|item| self.words(item)).sum(),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(0),
        }
    }
}
