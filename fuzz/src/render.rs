//! What templates are rendered from.

use postern_core::template::{Budget, Data, RenderError};
use serde_json::{Map, Value};

/// The variables, and the JSON that they come from.
pub struct Variables<'a>(pub &'a Map<String, Value>);

impl Data for Variables<'_> {
    fn variables(&self) -> &Map<String, Value> {
        self.0
    }

    fn context(&self, budget: &Budget) -> Result<Value, RenderError> {
        budget.copy(&Value::Object(self.0.clone()))
    }

    fn body(&self) -> Result<&str, RenderError> {
        Ok("a \"body\"\n")
    }

    fn header(&self, name: &str) -> Option<String> {
        Some(format!("\"{name}\""))
    }

    fn request_header(&self, name: &str) -> Option<String> {
        self.header(name)
    }

    fn extraction(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    fn random(&self, pattern: &str) -> String {
        pattern.len().to_string()
    }
}
