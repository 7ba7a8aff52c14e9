//! `docs/configuration.md`: the doc comments of the types as a page.

use std::collections::BTreeSet;
use std::fmt::Write;

use postern_core::resource::KINDS;
use serde_json::{Map, Value};

use super::{ALIAS_OF, Schema, reference_name};

const INTRODUCTION: &str = "\
# Configuration reference

<!-- Generated from the types in core/src/resource. Change their doc comments, then run:
     UPDATE=1 cargo test -p postern-manifest --test reference -->

A configuration is a set of YAML files (`*.yaml`, `*.yml`) with one or more documents each, separated by `---`. Every document is
one resource:

```yaml
kind: Service            # one of the kinds below
metadata:
  name: weather
spec:
  mode: HTTP
  isPublic: true
  config:
    upstream:
      url: https://weather.example.com
```

`apiVersion: core/v1` may be added. `postern check PATH…` reports every problem of a set of files with its place, and
`postern schema` prints the JSON Schema of all kinds, with which an editor completes and checks while you write.

A field in **bold** is required. Values of an enumeration are written as their names; their numbers in Octelium's protocol are
accepted too. YAML is read as version 1.2: only `true` and `false` are booleans.
";

/// The page as Markdown.
pub fn reference(schema: &Schema) -> String {
    let mut page = Page { schema, text: INTRODUCTION.to_owned(), seen: BTreeSet::new(), queue: Vec::new() };
    page.text.push_str("\n## Kinds\n");
    for kind in KINDS {
        let Some(spec) = schema.of_kind(kind).and_then(|document| document.get("properties")?.get("spec")) else { continue };
        let resolved = schema.resolve(spec);
        page.seen.extend(reference_name(spec).map(str::to_owned));
        page.heading("###", kind, resolved);
        page.fields(resolved);
    }
    page.text.push_str("\n## Types\n");
    page.enqueue("Metadata");
    let mut next = 0;
    while let Some(name) = page.queue.get(next).cloned() {
        next += 1;
        if let Some(definition) = schema.definition(&name) {
            page.heading("###", &name, definition);
            page.fields(definition);
            page.values(definition);
        }
    }
    page.text
}

struct Page<'a> {
    schema: &'a Schema,
    text: String,
    /// Definitions that have a section, or will.
    seen: BTreeSet<String>,
    queue: Vec<String>,
}

impl Page<'_> {
    fn heading(&mut self, level: &str, name: &str, definition: &Value) {
        let _ = write!(self.text, "\n{level} {name}\n\n{}\n", description(definition));
    }

    fn fields(&mut self, definition: &Value) {
        let branches = definition.get("oneOf").and_then(Value::as_array).into_iter().flatten();
        let objects: Vec<&Value> = std::iter::once(definition).chain(branches).collect();
        let mut rows = String::new();
        for object in objects {
            let required = object.get("required").and_then(Value::as_array);
            for (name, property) in properties(object) {
                let needed = required.is_some_and(|names| names.iter().any(|required| required == name)) && object == definition;
                let name = if needed { format!("**`{name}`**") } else { format!("`{name}`") };
                let _ = writeln!(rows, "| {name} | {} | {} |", self.type_of(property), description(property));
            }
        }
        if !rows.is_empty() {
            let _ = write!(self.text, "\n| Field | Type | |\n| --- | --- | --- |\n{rows}");
        }
    }

    /// The values of an enumeration.
    fn values(&mut self, definition: &Value) {
        let values = definition.get("oneOf").and_then(Value::as_array).into_iter().flatten();
        let mut list = String::new();
        for value in values {
            if let Some(name) = value.get("const").and_then(Value::as_str) {
                let _ = writeln!(list, "- `{name}`: {}", description(value));
            }
        }
        if !list.is_empty() {
            let _ = write!(self.text, "\n{list}");
        }
    }

    fn type_of(&mut self, property: &Value) -> String {
        if let Some(name) = reference_name(property) {
            self.enqueue(name);
            return format!("[{name}](#{})", name.to_lowercase());
        }
        if let Some(branches) = property.get("anyOf").and_then(Value::as_array) {
            return branches.iter().find(|branch| reference_name(branch).is_some()).map_or("any".to_owned(), |branch| self.type_of(branch));
        }
        let names = crate::structure::types(property);
        let of = |keyword: &str| property.get(keyword).filter(|inner| inner.is_object());
        match names.iter().find(|name| **name != "null").copied() {
            Some("array") => format!("list of {}", of("items").map_or("any".to_owned(), |items| self.type_of(items))),
            Some("object") => format!("map of {}", of("additionalProperties").map_or("any".to_owned(), |values| self.type_of(values))),
            Some("string") => "text".to_owned(),
            Some("boolean") => "boolean".to_owned(),
            Some("integer") => "whole number".to_owned(),
            Some(other) => other.to_owned(),
            None => "any".to_owned(),
        }
    }

    fn enqueue(&mut self, name: &str) {
        if self.schema.definition(name).is_some() && self.seen.insert(name.to_owned()) {
            self.queue.push(name.to_owned());
        }
    }
}

fn properties(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let all = object.get("properties").and_then(Value::as_object).map(Map::iter);
    all.into_iter().flatten().filter(|(_, property)| property.get(ALIAS_OF).is_none())
}

/// The doc comment on one line, as a table needs it.
fn description(schema: &Value) -> String {
    let text = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}
