//! A compiled schema: nodes that name each other by their numbers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Number, Value};

use super::number::{Decimal, is_integer};
use crate::pattern::Pattern;

pub type NodeId = usize;

#[derive(Debug)]
pub enum Node {
    /// `true` and `false`.
    Boolean(bool),
    Rules(Box<Rules>),
}

/// The keywords of one schema object.
#[derive(Debug, Default)]
pub struct Rules {
    /// The resource (`$id`) that it belongs to.
    pub resource: usize,
    pub types: Option<Types>,
    /// Of `enum`, in canonical form.
    pub values: Option<BTreeSet<Vec<u8>>>,
    /// Of `const`, in canonical form.
    pub constant: Option<Vec<u8>>,
    pub number: NumberRules,
    pub text: TextRules,
    pub array: ArrayRules,
    pub object: ObjectRules,
    pub reference: Option<NodeId>,
    pub dynamic: Option<DynamicRef>,
    pub all_of: Vec<NodeId>,
    pub any_of: Vec<NodeId>,
    pub one_of: Vec<NodeId>,
    pub not: Option<NodeId>,
    pub condition: Option<NodeId>,
    pub then: Option<NodeId>,
    pub otherwise: Option<NodeId>,
}

#[derive(Debug, Default)]
pub struct NumberRules {
    pub multiple_of: Option<(Decimal, Number)>,
    pub maximum: Option<Number>,
    pub exclusive_maximum: Option<Number>,
    pub minimum: Option<Number>,
    pub exclusive_minimum: Option<Number>,
}

#[derive(Debug, Default)]
pub struct TextRules {
    /// Characters.
    pub min_length: Option<u64>,
    pub max_length: Option<u64>,
    pub pattern: Option<Pattern>,
}

#[derive(Debug, Default)]
pub struct ArrayRules {
    pub prefix: Vec<NodeId>,
    pub items: Option<NodeId>,
    pub contains: Option<NodeId>,
    pub min_contains: Option<u64>,
    pub max_contains: Option<u64>,
    pub min_items: Option<u64>,
    pub max_items: Option<u64>,
    pub unique: bool,
    pub unevaluated: Option<NodeId>,
}

#[derive(Debug, Default)]
pub struct ObjectRules {
    pub required: Vec<String>,
    pub min_properties: Option<u64>,
    pub max_properties: Option<u64>,
    pub properties: BTreeMap<String, NodeId>,
    pub patterns: Vec<(Pattern, NodeId)>,
    pub additional: Option<NodeId>,
    pub names: Option<NodeId>,
    pub dependent_required: BTreeMap<String, Vec<String>>,
    pub dependent_schemas: BTreeMap<String, NodeId>,
    pub unevaluated: Option<NodeId>,
}

/// `$dynamicRef`: the outermost resource on the way here that has the anchor decides, if what it refers to at first has it.
#[derive(Debug)]
pub struct DynamicRef {
    pub initial: NodeId,
    /// `None` where it is as good as a `$ref`.
    pub anchor: Option<String>,
}

/// The `$dynamicAnchor`s of a resource.
#[derive(Debug, Default)]
pub struct ResourceScope(pub BTreeMap<String, NodeId>);

/// The names of `type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Types(u8);

impl Types {
    pub const NAMES: [&'static str; 7] = ["null", "boolean", "object", "array", "number", "string", "integer"];

    /// `None` for a name that there is not.
    pub fn with(self, name: &str) -> Option<Self> {
        let bit = Self::NAMES.iter().position(|known| *known == name)?;
        Some(Self(self.0 | 1 << bit))
    }

    pub fn admits(self, value: &Value) -> bool {
        let bit = match value {
            Value::Null => 0,
            Value::Bool(_) => 1,
            Value::Object(_) => 2,
            Value::Array(_) => 3,
            Value::Number(number) => return self.has(4) || self.has(6) && is_integer(number),
            Value::String(_) => 5,
        };
        self.has(bit)
    }

    /// `null`, `a string or an array`.
    pub fn described(self) -> String {
        const SHOWN: [&str; 7] = ["null", "a boolean", "an object", "an array", "a number", "a string", "an integer"];
        let names: Vec<&str> = SHOWN.iter().enumerate().filter(|(bit, _)| self.has(*bit)).map(|(_, name)| *name).collect();
        names.join(" or ")
    }

    fn has(self, bit: usize) -> bool {
        self.0 & 1 << bit != 0
    }
}

impl Rules {
    /// The nodes that are checked against the same value.
    pub fn in_place(&self) -> impl Iterator<Item = NodeId> {
        let single = [self.reference, self.not, self.condition, self.then, self.otherwise].into_iter().flatten();
        let dynamic = self.dynamic.iter().map(|dynamic| dynamic.initial);
        let lists = [&self.all_of, &self.any_of, &self.one_of].into_iter().flatten().copied();
        single.chain(dynamic).chain(lists).chain(self.object.dependent_schemas.values().copied())
    }
}
