use serde_json::{Map, Value};

use super::{Budget, RenderError};

/// What a template is rendered from.
pub trait Data {
    /// The variables.
    fn variables(&self) -> &Map<String, Value>;

    /// What `context()` gives: the variables as one value, or the body where it is JSON but no object.
    ///
    /// # Errors
    /// A copy that the budget does not allow.
    fn context(&self, budget: &Budget) -> Result<Value, RenderError>;

    /// What `body()` gives.
    ///
    /// # Errors
    /// A body that is not text.
    fn body(&self) -> Result<&str, RenderError>;

    /// The first value of a header of the message; `None` when there is none.
    fn header(&self, name: &str) -> Option<String>;

    /// As [`Data::header`], of the request that a response answers.
    fn request_header(&self, name: &str) -> Option<String>;

    /// What an extractor of that name gave.
    fn extraction(&self, name: &str) -> Option<&str>;

    /// What the text is replaced by: the same for as long as the data lives.
    fn random(&self, pattern: &str) -> String;
}
