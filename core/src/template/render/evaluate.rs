use std::borrow::Cow;

use serde_json::Value;

use super::Renderer;
use crate::template::functions::{Function, Item, picked};
use crate::template::node::{Expression, Name, Operator};
use crate::template::{RenderError, descend, value};

impl<'a> Renderer<'a, '_> {
    pub(super) fn evaluate(&mut self, expression: &'a Expression) -> Result<Item<'a>, RenderError> {
        self.budget.spend(1)?;
        match expression {
            Expression::Literal(value) => Ok(Cow::Borrowed(value)),
            Expression::Variable(name) => self.variable(name)?.ok_or_else(|| RenderError::not_found(&name.text)),
            Expression::Call(function, arguments) => self.call(*function, arguments),
            Expression::Member(of, name) => {
                let of = self.evaluate(of)?;
                let member =
                    picked(of, |value| descend(value, std::slice::from_ref(&name.first)).and_then(|value| descend(value, &name.rest)));
                member.ok_or_else(|| RenderError::not_found(&name.text))
            }
            Expression::Not(of) => Ok(truth(!value::is_true(&*self.evaluate(of)?))),
            // What the left side decides, the right side is not asked.
            Expression::Binary(Operator::And, left, right) => {
                Ok(truth(value::is_true(&*self.evaluate(left)?) && value::is_true(&*self.evaluate(right)?)))
            }
            Expression::Binary(Operator::Or, left, right) => {
                Ok(truth(value::is_true(&*self.evaluate(left)?) || value::is_true(&*self.evaluate(right)?)))
            }
            Expression::Binary(operator, left, right) => {
                let (left, right) = (self.evaluate(left)?, self.evaluate(right)?);
                self.operate(*operator, &left, &right).map(Cow::Owned)
            }
        }
    }

    /// What the template has made, then what it is given, then a function that takes nothing.
    fn variable(&self, name: &Name) -> Result<Option<Item<'a>>, RenderError> {
        if let Some(value) = self.scope.get(name, self.budget)? {
            return Ok(Some(value));
        }
        let given = self.data.variables().get(&name.first).and_then(|value| descend(value, &name.rest));
        if given.is_some() {
            return Ok(given.map(Cow::Borrowed));
        }
        match name.text.as_str() {
            "body" => Function::Body.call(Vec::new(), self.data, self.budget).map(Some),
            "context" => Function::Context.call(Vec::new(), self.data, self.budget).map(Some),
            _ => Ok(None),
        }
    }

    fn call(&mut self, function: Function, arguments: &'a [Expression]) -> Result<Item<'a>, RenderError> {
        match (function, arguments) {
            (Function::Default, [Expression::Variable(name), otherwise]) => match self.variable(name)? {
                Some(value) => Ok(value),
                None => self.evaluate(otherwise),
            },
            (Function::Default, [value, _]) => self.evaluate(value),
            (Function::Exists, [path]) => {
                let path = self.evaluate(path)?;
                let path = path.as_str().ok_or_else(|| RenderError::new("`exists` needs a string"))?;
                self.exists(path).map(truth)
            }
            _ => {
                let arguments = arguments.iter().map(|argument| self.evaluate(argument)).collect::<Result<Vec<_>, _>>()?;
                function.call(arguments, self.data, self.budget)
            }
        }
    }

    /// Whether a path leads to something. Its parts are separated by dots or slashes, whatever those of names are.
    fn exists(&self, path: &str) -> Result<bool, RenderError> {
        self.budget.spend(path.len() / 16)?;
        let mut parts = path.split(['.', '/']).map(str::to_owned);
        let (first, rest) = (parts.next().unwrap_or_default(), parts.collect::<Vec<_>>());
        if self.data.variables().get(&first).and_then(|value| descend(value, &rest)).is_some() {
            return Ok(true);
        }
        let name = Name { text: path.to_owned(), first, rest };
        Ok(self.scope.get(&name, self.budget)?.is_some())
    }
}

fn truth<'a>(value: bool) -> Item<'a> {
    Cow::Owned(Value::Bool(value))
}
