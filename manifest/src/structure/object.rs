use serde_json::{Map, Value as Json};

use super::{At, Walker, allows_null, list};
use crate::finding::Finding;
use crate::path;
use crate::schema::{ALIAS_OF, UNSUPPORTED};
use crate::suggest::closest;
use crate::yaml::{Entry, Node, Value};

impl<'a> Walker<'a> {
    pub(super) fn object(&mut self, entries: &mut Vec<Entry>, schema: &'a Json, at: At) {
        let Some(properties) = schema.get("properties").and_then(Json::as_object) else {
            return self.free_map(entries, schema, &at);
        };
        self.move_aliases(entries, properties, &at);
        // A key without a value is as good as no key, as long as the field takes no null of its own.
        entries.retain(|entry| {
            let takes_null = properties.get(&entry.key).is_none_or(|property| allows_null(self.schema.resolve(property)));
            takes_null || !matches!(entry.node.value, Value::Null)
        });
        for entry in entries.iter_mut() {
            let inner = At { path: path::field(&at.path, &entry.key), key: entry.key_place.clone() };
            match properties.get(&entry.key) {
                Some(property) if property.get(UNSUPPORTED).is_some() => {
                    let message = format!("`{}` is not supported yet", entry.key);
                    self.found.push(Finding::error(&entry.key_place, &inner.path, message));
                }
                Some(property) => self.walk(&mut entry.node, property, inner),
                None if schema.get("additionalProperties") == Some(&Json::Bool(false)) => self.unknown(entry, properties, &inner.path),
                None => {}
            }
        }
        for name in list(schema, "required").unwrap_or_default().iter().filter_map(Json::as_str) {
            if !entries.iter().any(|entry| entry.key == name) {
                self.found.push(Finding::error(&at.key, &at.path, format!("`{name}` is missing")));
            }
        }
    }

    /// A map whose keys are the operator's own.
    fn free_map(&mut self, entries: &mut [Entry], schema: &'a Json, at: &At) {
        let Some(of_value @ Json::Object(_)) = schema.get("additionalProperties") else { return };
        for entry in entries {
            let inner = At { path: path::field(&at.path, &entry.key), key: entry.key_place.clone() };
            self.walk(&mut entry.node, of_value, inner);
        }
    }

    fn unknown(&mut self, entry: &Entry, properties: &'a Map<String, Json>, path: &str) {
        let is_named = |property: &Json| property.get(ALIAS_OF).is_none() && property.get(UNSUPPORTED).is_none();
        let names = || properties.iter().filter(|(_, property)| is_named(property)).map(|(name, _)| name.as_str());
        let help = if let Some(name) = closest(&entry.key, names()) {
            format!("did you mean `{name}`?")
        } else if let Some(place) = self.below(properties, &entry.key) {
            format!("it belongs in `{place}`")
        } else {
            format!("the fields are {}", names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
        };
        let message = format!("there is no field `{}` here", entry.key);
        self.found.push(Finding::error(&entry.key_place, path, message).with_help(Some(help)));
    }

    /// Fields of that name one level below.
    fn below(&self, properties: &'a Map<String, Json>, name: &str) -> Option<String> {
        let own = properties.iter().filter(|(_, property)| property.get(ALIAS_OF).is_none());
        let places = own.filter_map(|(parent, property)| {
            let property = self.schema.resolve(property);
            let inner = match list(property, "anyOf") {
                Some(branches) => {
                    branches.iter().map(|branch| self.schema.resolve(branch)).find(|branch| branch.get("properties").is_some())?
                }
                None => property,
            };
            inner.get("properties")?.get(name).map(|_| format!("{parent}.{name}"))
        });
        let places: Vec<String> = places.collect();
        (!places.is_empty()).then(|| places.join("` or `"))
    }

    /// Moves what stands under another name to where it belongs; it keeps its place in the file.
    fn move_aliases(&mut self, entries: &mut Vec<Entry>, properties: &Map<String, Json>, at: &At) {
        for (alias, property) in properties {
            let Some(target) = property.get(ALIAS_OF).and_then(Json::as_str) else { continue };
            let Some(index) = entries.iter().position(|entry| entry.key == *alias) else { continue };
            let entry = entries.remove(index);
            let path = path::field(&at.path, alias);
            if insert(entries, target, &entry) {
                let message = format!("`{alias}` is read as `{target}`");
                let help = Some(format!("write it as `{target}`"));
                self.found.push(Finding::warning(&entry.key_place, &path, message).with_help(help));
            } else {
                self.found.push(Finding::error(
                    &entry.key_place,
                    &path,
                    format!("`{alias}` is another name for `{target}`, which is set too"),
                ));
            }
        }
    }
}

/// Puts the entry's value at a path below a map, making the maps on the way. False when there is something already.
fn insert(entries: &mut Vec<Entry>, target: &str, entry: &Entry) -> bool {
    let Some((parent, rest)) = target.split_once('.') else {
        let free = !entries.iter().any(|existing| existing.key == target);
        if free {
            entries.push(Entry { key: target.to_owned(), ..entry.clone() });
        }
        return free;
    };
    let node = match entries.iter().position(|existing| existing.key == parent) {
        Some(index) => entries.get_mut(index),
        None => {
            let node = Node { place: entry.key_place.clone(), value: Value::Map(Vec::new()) };
            entries.push(Entry { key: parent.to_owned(), key_place: entry.key_place.clone(), node });
            entries.last_mut()
        }
    };
    let Some(Entry { node, .. }) = node else { return false };
    if matches!(node.value, Value::Null) {
        node.value = Value::Map(Vec::new());
    }
    match &mut node.value {
        Value::Map(inner) => insert(inner, rest, entry),
        _ => false,
    }
}
