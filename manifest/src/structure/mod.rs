//! Compares a document's tree with the schema of its kind and reports everything that differs. What passes can be read into the
//! types. It knows the keywords that the types make, not the whole of JSON Schema.

mod choice;
mod object;
mod scalar;
#[cfg(test)]
mod tests;

use serde_json::Value as Json;

use crate::finding::Finding;
use crate::path;
use crate::schema::Schema;
use crate::yaml::{Node, Place, Value};

/// Checks a document of a kind and brings it into the form that the types read: aliases moved to where they belong, fields without
/// a value left out.
pub fn check(root: &mut Node, of_kind: &Json, schema: &Schema) -> Vec<Finding> {
    let mut walker = Walker { schema, found: Vec::new() };
    let place = root.place.clone();
    walker.walk(root, of_kind, At { path: String::new(), key: place });
    walker.found
}

struct Walker<'a> {
    schema: &'a Schema,
    found: Vec<Finding>,
}

/// Where the walker is: the path, and the key that names the value.
#[derive(Clone)]
struct At {
    path: String,
    key: Place,
}

impl<'a> Walker<'a> {
    fn walk(&mut self, node: &mut Node, schema: &'a Json, at: At) {
        let schema = self.schema.resolve(schema);
        if let Some(branches) = list(schema, "anyOf") {
            if matches!(node.value, Value::Null) && branches.iter().any(allows_null) {
                return;
            }
            if let Some(branch) = branches.iter().find(|branch| !allows_null(branch)) {
                self.walk(node, branch, at);
            }
        } else if let Some(branches) = list(schema, "oneOf") {
            if branches.iter().any(|branch| branch.get("const").is_some()) {
                self.one_value_of(node, branches, &at);
            } else {
                self.one_key_of(node, branches, at);
            }
        } else if schema.get("const").is_some() || schema.get("enum").is_some() {
            self.one_value_of(node, std::slice::from_ref(schema), &at);
        } else {
            self.typed(node, schema, at);
        }
    }

    fn typed(&mut self, node: &mut Node, schema: &'a Json, at: At) {
        let types = types(schema);
        if !types.is_empty() && !types.iter().any(|name| scalar::is_of_type(&node.value, name)) {
            self.wrong_type(node, &types, &at.path);
            return;
        }
        match &mut node.value {
            Value::Map(entries) => self.object(entries, schema, at),
            Value::List(items) => {
                let Some(of_item) = schema.get("items") else { return };
                for (index, node) in items.iter_mut().enumerate() {
                    let at = At { path: path::item(&at.path, index), key: node.place.clone() };
                    self.walk(node, of_item, at);
                }
            }
            Value::Number(_) | Value::Text(_) => self.scalar(node, schema, &at.path),
            Value::Null | Value::Bool(_) => {}
        }
    }
}

fn list<'a>(schema: &'a Json, keyword: &str) -> Option<&'a [Json]> {
    schema.get(keyword)?.as_array().map(Vec::as_slice)
}

/// The types that a schema allows; none means any.
pub fn types(schema: &Json) -> Vec<&str> {
    match schema.get("type") {
        Some(Json::String(name)) => vec![name],
        Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

fn allows_null(schema: &Json) -> bool {
    types(schema).contains(&"null") || list(schema, "anyOf").is_some_and(|branches| branches.iter().any(allows_null))
}
