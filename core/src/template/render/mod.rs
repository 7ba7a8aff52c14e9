//! From a tree to text.

mod evaluate;
mod operator;
mod scope;

use std::borrow::Cow;

use serde_json::Value;

use super::node::{Escaping, Node};
use super::{Budget, Data, RenderError, value};
use scope::{Loop, Scope};

/// Renders a template's nodes.
///
/// # Errors
/// As [`super::Template::render`].
pub fn render(nodes: &[Node], data: &dyn Data, budget: &Budget) -> Result<String, RenderError> {
    let mut renderer = Renderer { data, budget, scope: Scope::default(), out: String::new() };
    renderer.nodes(nodes)?;
    Ok(renderer.out)
}

struct Renderer<'a, 'b> {
    data: &'a dyn Data,
    budget: &'b Budget,
    scope: Scope<'a>,
    out: String,
}

impl<'a> Renderer<'a, '_> {
    fn nodes(&mut self, nodes: &'a [Node]) -> Result<(), RenderError> {
        nodes.iter().try_for_each(|node| {
            self.budget.spend(1)?;
            self.node(node)
        })
    }

    fn node(&mut self, node: &'a Node) -> Result<(), RenderError> {
        match node {
            Node::Text(text) => {
                self.budget.pay(text.len())?;
                self.out.push_str(text);
                Ok(())
            }
            Node::Print { expression, escaping, .. } => {
                let value = self.evaluate(expression)?;
                self.print(&value, *escaping)
            }
            Node::If { branches, otherwise, .. } => {
                for (condition, body) in branches {
                    if value::is_true(&*self.evaluate(condition)?) {
                        return self.nodes(body);
                    }
                }
                self.nodes(otherwise)
            }
            Node::For { key, item, over, body, .. } => {
                let over = self.evaluate(over)?;
                self.repeat((key.as_deref(), item), over, body)
            }
            Node::Set { name, value } => {
                let value = self.evaluate(value)?.into_owned();
                self.scope.set(name, value, self.budget)
            }
        }
    }

    fn print(&mut self, value: &Value, escaping: Escaping) -> Result<(), RenderError> {
        match (escaping, value) {
            (Escaping::Strings | Escaping::Everything, Value::String(text)) => value::escape(text, &mut self.out, self.budget),
            (Escaping::Everything, other) => {
                let mut text = String::new();
                value::print(other, &mut text, self.budget)?;
                value::escape(&text, &mut self.out, self.budget)
            }
            (Escaping::Raw | Escaping::Strings, other) => value::print(other, &mut self.out, self.budget),
        }
    }

    fn repeat(&mut self, (key, item): (Option<&'a str>, &'a str), over: Cow<'a, Value>, body: &'a [Node]) -> Result<(), RenderError> {
        let length = match (&*over, key) {
            (Value::Array(array), None) => array.len(),
            (Value::Object(object), Some(_)) => object.len(),
            (_, None) => return Err(RenderError::new("a loop with one name needs an array")),
            (_, Some(_)) => return Err(RenderError::new("a loop with two names needs an object")),
        };
        let plain = |value: Cow<'a, Value>| (None, value);
        let named = |key: String, value: Cow<'a, Value>| (Some(key), value);
        let items: Box<dyn Iterator<Item = (Option<String>, Cow<'a, Value>)> + 'a> = match over {
            Cow::Borrowed(Value::Array(array)) => Box::new(array.iter().map(Cow::Borrowed).map(plain)),
            Cow::Owned(Value::Array(array)) => Box::new(array.into_iter().map(Cow::Owned).map(plain)),
            Cow::Borrowed(Value::Object(object)) => {
                Box::new(object.iter().map(move |(key, value)| named(key.clone(), Cow::Borrowed(value))))
            }
            Cow::Owned(Value::Object(object)) => Box::new(object.into_iter().map(move |(key, value)| named(key, Cow::Owned(value)))),
            Cow::Borrowed(_) | Cow::Owned(_) => Box::new(std::iter::empty()),
        };
        for (index, (key_text, value)) in items.enumerate() {
            self.budget.spend(1)?;
            let key = key.zip(key_text);
            self.scope.loops.push(Loop { key, item: (item, value), index, length });
            let done = self.nodes(body);
            self.scope.loops.pop();
            done?;
        }
        Ok(())
    }
}
