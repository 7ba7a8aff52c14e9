use std::cell::RefCell;
use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::{Map, Value};

use super::head::Head;
use crate::platform::SecureRandom;
use crate::template::{Budget, Data, RenderError};

/// What the templates of one message are rendered from.
pub struct Input<'m> {
    pub head: &'m Head<'m>,
    /// Of the request that the message answers.
    pub request: Option<&'m Head<'m>>,
    pub body: &'m [u8],
    /// The members of the body, and what was extracted.
    pub variables: Map<String, Value>,
    /// A body that is JSON, but no object.
    pub other: Option<Value>,
    pub extractions: BTreeMap<&'m str, String>,
    pub random: &'m dyn SecureRandom,
    /// Made for this message, so that no two messages have the same.
    pub made: RefCell<BTreeMap<String, String>>,
}

impl Data for Input<'_> {
    fn variables(&self) -> &Map<String, Value> {
        &self.variables
    }

    fn context(&self, budget: &Budget) -> Result<Value, RenderError> {
        match &self.other {
            Some(other) => budget.copy(other),
            None => {
                let copies = self.variables.iter().map(|(key, value)| {
                    budget.pay(key.len())?;
                    Ok((key.clone(), budget.copy(value)?))
                });
                copies.collect::<Result<_, RenderError>>().map(Value::Object)
            }
        }
    }

    fn body(&self) -> Result<&str, RenderError> {
        std::str::from_utf8(self.body).map_err(|_| RenderError("the body is not text".to_owned()))
    }

    fn header(&self, name: &str) -> Option<String> {
        self.head.get(name)
    }

    fn request_header(&self, name: &str) -> Option<String> {
        self.request?.get(name)
    }

    fn extraction(&self, name: &str) -> Option<&str> {
        self.extractions.get(name).map(String::as_str)
    }

    /// 128 bits, in base64.
    fn random(&self, pattern: &str) -> String {
        let mut made = self.made.borrow_mut();
        let value = made.entry(pattern.to_owned()).or_insert_with(|| {
            let mut bytes = [0; 16];
            self.random.fill(&mut bytes);
            STANDARD_NO_PAD.encode(bytes)
        });
        value.clone()
    }
}
