//! The JSON Schema of the kinds, made from the types of `postern_core::resource`. The same document checks files, is printed by
//! `postern schema` for editors, and is what `docs/configuration.md` is generated from.

mod alias;
mod reference;

use postern_core::resource::{Credential, Gateway, Group, KINDS, Namespace, Policy, Resource, Secret, Service, User};
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

pub use alias::ALIAS_OF;

/// Marks a property that is known and refused.
pub const UNSUPPORTED: &str = "x-unsupported";
pub use reference::reference;

/// The schema of every kind, in one document.
#[derive(Debug)]
pub struct Schema {
    document: Value,
}

impl Schema {
    pub fn new() -> Self {
        let mut generator = SchemaSettings::draft2020_12().into_generator();
        let mut kinds = Map::new();
        for kind in KINDS {
            kinds.insert(kind.to_owned(), envelope(kind, &mut generator));
        }
        let mut definitions = generator.take_definitions(true);
        definitions.retain(|name, _| !name.starts_with("Resource_for_") && name != "Resource");
        for (kind, schema) in kinds {
            definitions.insert(document_name(&kind), schema);
        }
        alias::insert(&mut definitions);
        let mut document = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Postern",
            "description": "One document of a Postern configuration.",
            "oneOf": KINDS.map(|kind| json!({ "$ref": format!("#/$defs/{}", document_name(kind)) })),
            "$defs": definitions,
        });
        remove_defaults(&mut document);
        Self { document }
    }

    /// A schema that was made elsewhere: a document with `$defs`, each kind under [`Schema::document_name`].
    pub(crate) fn of(document: Value) -> Self {
        let mut document = document;
        remove_defaults(&mut document);
        Self { document }
    }

    /// The definition that a document of this kind has.
    pub(crate) fn document_name(kind: &str) -> String {
        document_name(kind)
    }

    /// What `postern schema` prints.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// The schema of a document of a kind of [`KINDS`].
    pub fn of_kind(&self, kind: &str) -> Option<&Value> {
        self.definition(&document_name(kind))
    }

    /// Follows `$ref` to where the shape is told.
    pub fn resolve<'a>(&'a self, mut schema: &'a Value) -> &'a Value {
        while let Some(name) = reference_name(schema) {
            match self.definition(name) {
                Some(target) => schema = target,
                None => break,
            }
        }
        schema
    }

    fn definition(&self, name: &str) -> Option<&Value> {
        self.document.get("$defs")?.get(name)
    }
}

impl Default for Schema {
    fn default() -> Self {
        Self::new()
    }
}

/// The name that a schema refers to.
fn reference_name(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
}

fn document_name(kind: &str) -> String {
    format!("{kind}Document")
}

fn envelope(kind: &str, generator: &mut SchemaGenerator) -> Value {
    let reference = match kind {
        "Service" => generator.subschema_for::<Resource<Service>>(),
        "Namespace" => generator.subschema_for::<Resource<Namespace>>(),
        "User" => generator.subschema_for::<Resource<User>>(),
        "Group" => generator.subschema_for::<Resource<Group>>(),
        "Policy" => generator.subschema_for::<Resource<Policy>>(),
        "Secret" => generator.subschema_for::<Resource<Secret>>(),
        "Credential" => generator.subschema_for::<Resource<Credential>>(),
        _ => generator.subschema_for::<Resource<Gateway>>(),
    };
    let name = reference_name(reference.as_value()).unwrap_or_default();
    let mut schema = generator.definitions().get(name).cloned().unwrap_or_default();
    let spec = schema.pointer("/properties/spec").and_then(reference_name).and_then(|name| generator.definitions().get(name));
    let may_be_empty = spec.is_some_and(|spec| spec.get("required").is_none());
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut).filter(|_| may_be_empty) {
        required.retain(|field| field != "spec");
    }
    let names = if kind == "Gateway" { json!({ "enum": [kind, "ClusterConfig"] }) } else { json!({ "const": kind }) };
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("kind".to_owned(), names);
        properties.insert("apiVersion".to_owned(), json!({ "const": "core/v1", "description": "May be left out." }));
    }
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("title".to_owned(), kind.into());
        schema.remove("description");
    }
    schema
}

/// The generated defaults are whole empty objects, which tell nobody anything; doc comments tell the real ones.
fn remove_defaults(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.remove("default");
            map.values_mut().for_each(remove_defaults);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_defaults),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_schema_and_every_reference_its_target() {
        let schema = Schema::new();
        for kind in KINDS {
            let of_kind = schema.of_kind(kind).expect(kind);
            assert_eq!(schema.resolve(&of_kind["properties"]["spec"])["type"], "object", "{kind}");
        }
        assert_eq!(schema.of_kind("Service").unwrap()["properties"]["kind"]["const"], "Service");
        let text = schema.document().to_string();
        for part in text.split("\"$ref\":\"#/$defs/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(schema.definition(name).is_some(), "{name}");
        }
    }

    #[test]
    fn every_field_says_what_it_is() {
        let schema = Schema::new();
        let mut silent = Vec::new();
        for (name, definition) in schema.document()["$defs"].as_object().unwrap() {
            for (field, property) in definition["properties"].as_object().into_iter().flatten() {
                if property.get("description").is_none() && field != "kind" {
                    silent.push(format!("{name}.{field}"));
                }
            }
        }
        assert!(silent.is_empty(), "fields without a doc comment: {silent:?}");
    }
}
