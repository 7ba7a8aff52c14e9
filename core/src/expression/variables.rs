use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use serde_json::Value;

use super::functions::Pattern;
use super::rewrite::pattern_variable;
use super::value::{Element, LazyMap, Source};
use crate::context::{Context, Object};

/// What the names in an expression stand for.
pub(super) struct Variables<'r> {
    /// `None` where there is no request yet.
    pub context: Option<&'r Context<'r>>,
    pub attributes: Option<&'r Value>,
    pub patterns: &'r [Pattern],
}

impl VariableResolver for Variables<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        match name {
            "ctx" => self.context.map(|context| CowVal::owned(LazyMap::new(Source::Context(context, Object::Root)))),
            "attrs" => self.attributes.map(|attributes| CowVal::Owned(Element::json(attributes).into_boxed())),
            _ if name.starts_with('@') => {
                let index = (0..self.patterns.len()).find(|index| pattern_variable(*index) == name)?;
                self.patterns.get(index).map(|pattern| CowVal::Borrowed(pattern as &dyn Val))
            }
            _ => None,
        }
    }
}
