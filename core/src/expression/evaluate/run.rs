use std::cell::RefCell;

use serde_json::Value as Json;

use crate::context::{Context, Exhausted};
use crate::expression::error::Failure;
use crate::expression::value::Value;
use crate::platform::Timestamp;

/// One evaluation.
pub(in crate::expression) struct Run<'a> {
    pub context: &'a Context<'a>,
    pub attributes: Option<&'a Json>,
    pub now: Timestamp,
    locals: RefCell<Vec<Value<'a>>>,
}

/// Why a part of an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::expression) enum Fault {
    Missing(String),
    Error(String),
    /// The budget is spent: nothing may absorb this, or the work would go on.
    Exhausted,
}

impl<'a> Run<'a> {
    pub fn new(context: &'a Context<'a>, attributes: Option<&'a Json>, now: Timestamp) -> Self {
        Self { context, attributes, now, locals: RefCell::default() }
    }

    /// Pays for steps before they are done.
    pub fn spend(&self, steps: usize) -> Result<(), Fault> {
        self.context.budget.spend(steps).map_err(|Exhausted| Fault::Exhausted)
    }

    /// Pays for text or bytes that are compared, searched or copied.
    pub fn spend_bytes(&self, bytes: usize) -> Result<(), Fault> {
        self.spend(bytes / 256)
    }

    pub fn local(&self, index: usize) -> Result<Value<'a>, Fault> {
        self.locals.borrow().get(index).cloned().ok_or_else(|| Fault::error("a local variable is not set"))
    }

    /// Runs `inner` with one more local.
    pub fn with_local<T>(&self, value: Value<'a>, inner: impl FnOnce() -> T) -> T {
        self.locals.borrow_mut().push(value);
        let result = inner();
        self.locals.borrow_mut().pop();
        result
    }
}

impl Fault {
    pub fn missing(what: impl Into<String>) -> Self {
        Self::Missing(what.into())
    }

    pub fn error(message: impl Into<String>) -> Self {
        Self::Error(message.into())
    }

    /// Which of two faults an operator reports that could not absorb either: the graver one, so that a missing key does not
    /// hide an error.
    pub fn graver(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::Missing(_), Self::Error(_)) => other,
            _ => self,
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Missing(what) => Self::Missing(what),
            Fault::Error(message) => Self::Error(message),
            Fault::Exhausted => Self::Error("the request needs more evaluation steps than it may take".to_owned()),
        }
    }
}
