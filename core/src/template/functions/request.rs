use serde_json::Value;

use super::Call;
use crate::template::RenderError;

impl Call<'_, '_> {
    pub(super) fn body(&self) -> Result<Value, RenderError> {
        let body = self.data.body()?;
        self.budget.pay(body.len())?;
        Ok(Value::String(body.to_owned()))
    }

    pub(super) fn context(&self) -> Result<Value, RenderError> {
        self.data.context(self.budget)
    }

    pub(super) fn header(&self, name: &Value) -> Result<Value, RenderError> {
        self.made(self.data.header(self.text(name)?).unwrap_or_default())
    }

    pub(super) fn request_header(&self, name: &Value) -> Result<Value, RenderError> {
        self.made(self.data.request_header(self.text(name)?).unwrap_or_default())
    }

    pub(super) fn extraction(&self, name: &Value) -> Result<Value, RenderError> {
        let found = self.data.extraction(self.text(name)?).unwrap_or_default();
        self.budget.pay(found.len())?;
        Ok(Value::String(found.to_owned()))
    }
}
