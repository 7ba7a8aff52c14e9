//! What a template has made itself: the items of loops, and what it has set.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::template::node::Name;
use crate::template::{Budget, RenderError, descend, index};

#[derive(Default)]
pub struct Scope<'a> {
    /// The innermost one is the last.
    pub loops: Vec<Loop<'a>>,
    set: BTreeMap<String, Value>,
}

/// A turn of a loop.
pub struct Loop<'a> {
    pub key: Option<(&'a str, String)>,
    pub item: (&'a str, Cow<'a, Value>),
    pub index: usize,
    pub length: usize,
}

impl<'a> Scope<'a> {
    /// What a name leads to; `None` where it is for others to know it.
    pub fn get(&self, name: &Name, budget: &Budget) -> Result<Option<Cow<'a, Value>>, RenderError> {
        for turn in self.loops.iter().rev() {
            if let Some((_, key)) = turn.key.as_ref().filter(|(key, _)| *key == name.first && name.rest.is_empty()) {
                budget.pay(key.len())?;
                return Ok(Some(Cow::Owned(Value::String(key.clone()))));
            }
            if turn.item.0 == name.first {
                let found = match &turn.item.1 {
                    Cow::Borrowed(item) => descend(item, &name.rest).map(Cow::Borrowed),
                    Cow::Owned(item) => descend(item, &name.rest).map(|value| budget.copy(value)).transpose()?.map(Cow::Owned),
                };
                if found.is_some() {
                    return Ok(found);
                }
            }
        }
        if name.first == "loop" && !self.loops.is_empty() {
            let found = descend(&self.turn(), &name.rest).cloned();
            if found.is_some() {
                return Ok(found.map(Cow::Owned));
            }
        }
        let set = self.set.get(&name.first).and_then(|value| descend(value, &name.rest));
        set.map(|value| budget.copy(value).map(Cow::Owned)).transpose()
    }

    /// Sets what a name leads to. It stays set when the block around it has ended.
    pub fn set(&mut self, name: &Name, value: Value, budget: &Budget) -> Result<(), RenderError> {
        let turn = self.loops.iter_mut().rev().find(|turn| turn.item.0 == name.first);
        let mut at = match turn {
            Some(turn) => {
                if let Cow::Borrowed(item) = turn.item.1 {
                    turn.item.1 = Cow::Owned(budget.copy(item)?);
                }
                turn.item.1.to_mut()
            }
            None => self.set.entry(name.first.clone()).or_default(),
        };
        for key in &name.rest {
            budget.pay(key.len())?;
            // What can have no members becomes an object.
            if !at.is_object() && !at.is_array() {
                *at = Value::Object(Map::new());
            }
            at = match at {
                Value::Array(array) => {
                    let item = index(key).and_then(|index| array.get_mut(index));
                    item.ok_or_else(|| RenderError::new(format!("'{}' cannot be set: there is no such item", name.text)))?
                }
                Value::Object(object) => object.entry(key.clone()).or_insert(Value::Null),
                other => other,
            };
        }
        *at = value;
        Ok(())
    }

    /// `loop`: where the innermost loop is, and in `parent` where those around it are.
    fn turn(&self) -> Value {
        self.loops.iter().fold(Value::Null, |parent, turn| {
            let mut value = json!({
                "index": turn.index,
                "index1": turn.index + 1,
                "is_first": turn.index == 0,
                "is_last": turn.index + 1 == turn.length,
            });
            if let Some(object) = value.as_object_mut().filter(|_| !parent.is_null()) {
                object.insert("parent".to_owned(), parent);
            }
            value
        })
    }
}
