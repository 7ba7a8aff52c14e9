use serde_json::Value;

use super::{Place, Run};
use crate::json_schema::node::Rules;

/// Which members of an object, or items of an array, some schema has looked at: what `unevaluatedProperties` and `unevaluatedItems`
/// leave alone. They are told apart by their place in order.
#[derive(Debug, Default)]
pub struct Seen {
    all: bool,
    words: Vec<u64>,
}

impl Seen {
    pub fn all(&mut self) {
        self.all = true;
    }

    pub fn add(&mut self, index: usize) {
        let (word, bit) = (index / 64, index % 64);
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        if let Some(word) = self.words.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    pub fn has(&self, index: usize) -> bool {
        self.all || self.words.get(index / 64).is_some_and(|word| word & 1 << (index % 64) != 0)
    }

    /// What a merge of it costs, in steps.
    pub fn cost(&self) -> usize {
        self.words.len() / 8
    }

    pub fn merge(&mut self, other: &Self) {
        self.all |= other.all;
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }
}

impl<'s> Run<'s> {
    /// `unevaluatedItems` or `unevaluatedProperties`, of what no other schema has looked at.
    pub(super) fn unevaluated(&mut self, rules: &'s Rules, value: &Value, place: &Place<'_>, seen: Option<&mut Seen>) -> bool {
        let Some(seen) = seen else { return true };
        if !self.spend(seen.cost()) {
            return false;
        }
        match value {
            Value::Array(items) => {
                let Some(id) = rules.array.unevaluated else { return true };
                for (index, item) in items.iter().enumerate() {
                    if !seen.has(index) && !self.node(id, item, &Place::Item(place, index), None) {
                        return false;
                    }
                }
            }
            Value::Object(members) => {
                let Some(id) = rules.object.unevaluated else { return true };
                for (index, (name, value)) in members.iter().enumerate() {
                    if !seen.has(index) && !self.node(id, value, &Place::Member(place, name), None) {
                        return false;
                    }
                }
            }
            _ => return true,
        }
        seen.all();
        true
    }
}
