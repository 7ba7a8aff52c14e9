use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::Call;
use crate::template::RenderError;
use crate::template::value;

impl Call<'_, '_> {
    pub(super) fn base64_encode(&self, input: &Value) -> Result<Value, RenderError> {
        let text = self.text(input)?;
        self.budget.pay(text.len().saturating_mul(2))?;
        self.made(STANDARD.encode(text))
    }

    pub(super) fn base64url_encode(&self, input: &Value) -> Result<Value, RenderError> {
        let text = self.text(input)?;
        self.budget.pay(text.len().saturating_mul(2))?;
        self.made(URL_SAFE_NO_PAD.encode(text))
    }

    /// What is no base64 is decoded to nothing.
    pub(super) fn base64_decode(&self, input: &Value) -> Result<Value, RenderError> {
        let text = self.text(input)?;
        self.budget.pay(text.len())?;
        self.decoded(STANDARD.decode(text).unwrap_or_default())
    }

    pub(super) fn base64url_decode(&self, input: &Value) -> Result<Value, RenderError> {
        let text = self.text(input)?;
        self.budget.pay(text.len())?;
        self.decoded(URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).unwrap_or_default())
    }

    fn decoded(&self, bytes: Vec<u8>) -> Result<Value, RenderError> {
        let text = String::from_utf8(bytes).map_err(|_| RenderError::new(format!("what `{}` decodes is not text", self.name)))?;
        self.made(text)
    }

    /// As it stands inside a string of JSON.
    pub(super) fn raw_string(&self, input: &Value) -> Result<Value, RenderError> {
        let mut out = String::new();
        value::escape(self.text(input)?, &mut out, self.budget)?;
        Ok(Value::String(out))
    }
}
