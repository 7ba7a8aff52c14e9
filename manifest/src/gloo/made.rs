use serde_json::{Map, Value, json};

use super::At;

/// A resource of the gateway's own that documents mean, as JSON, with the places that its parts come from.
#[derive(Debug, Clone)]
pub struct Made {
    pub kind: &'static str,
    pub name: String,
    /// Where what stands nowhere in particular comes from.
    pub home: At,
    metadata: Map<String, Value>,
    spec: Value,
    /// (path in the resource, where it comes from)
    origins: Vec<(String, At)>,
    /// The same, where what is below has the same form in the document.
    copies: Vec<(String, At)>,
}

impl Made {
    pub fn new(kind: &'static str, name: String, home: &At) -> Self {
        Self { kind, name, home: home.clone(), metadata: Map::new(), spec: json!({}), origins: Vec::new(), copies: Vec::new() }
    }

    /// The whole document.
    pub fn document(&self) -> Value {
        let mut metadata = self.metadata.clone();
        metadata.insert("name".to_owned(), self.name.as_str().into());
        json!({ "kind": self.kind, "metadata": metadata, "spec": self.spec })
    }

    pub fn label(&mut self, field: &str, key: &str, value: &str) {
        let entry = self.metadata.entry(field).or_insert_with(|| json!({}));
        if let Some(map) = entry.as_object_mut() {
            map.insert(key.to_owned(), value.into());
        }
    }

    /// Sets a field of the spec, given as `config.http.timeout`; what is on the way is made.
    pub fn set(&mut self, fields: &str, value: impl Into<Value>, at: &At) {
        if let Some(slot) = self.slot(fields) {
            *slot = value.into();
        }
        self.origins.push((format!("spec.{fields}"), at.clone()));
    }

    /// Appends to a list of the spec.
    pub fn push(&mut self, fields: &str, value: impl Into<Value>, at: &At) {
        let Some(slot) = self.slot(fields) else { return };
        if !slot.is_array() {
            *slot = json!([]);
        }
        let Some(list) = slot.as_array_mut() else { return };
        list.push(value.into());
        let index = list.len() - 1;
        self.origins.push((format!("spec.{fields}[{index}]"), at.clone()));
    }

    /// Sets a field of an item of a list.
    pub fn set_item(&mut self, list: &str, index: usize, field: &str, value: Value, at: &At) {
        let item = self.slot(list).and_then(|list| list.get_mut(index)).and_then(Value::as_object_mut);
        if let Some(item) = item {
            item.insert(field.to_owned(), value);
            self.origins.push((format!("spec.{list}[{index}].{field}"), at.clone()));
        }
    }

    /// Says where the value at a path comes from.
    pub fn comes_from(&mut self, path: &str, at: &At) {
        self.origins.push((path.to_owned(), at.clone()));
    }

    /// Says where a value comes from that has the same form there: what is found in it is told where it stands.
    pub fn is_copy_of(&mut self, path: &str, at: &At) {
        self.copies.push((path.to_owned(), at.clone()));
    }

    /// What a field of the spec holds.
    pub fn get(&self, fields: &str) -> Option<&Value> {
        self.spec.pointer(&format!("/{}", fields.replace('.', "/")))
    }

    /// Where the value at a path comes from, or the nearest value around it.
    pub fn origin(&self, path: &str) -> At {
        let below = |origin: &str| path.strip_prefix(origin).filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        if let Some((at, rest)) = self.copies.iter().find_map(|(origin, at)| Some((at, below(origin)?))) {
            return At { document: at.document, path: format!("{}{rest}", at.path) };
        }
        let leads_to = |origin: &str| below(origin).is_some();
        let nearest = self.origins.iter().filter(|(origin, _)| leads_to(origin)).max_by_key(|(origin, _)| origin.len());
        nearest.map_or_else(|| self.home.clone(), |(_, at)| at.clone())
    }

    fn slot(&mut self, fields: &str) -> Option<&mut Value> {
        fields.split('.').try_fold(&mut self.spec, |value, field| {
            if !value.is_object() {
                *value = json!({});
            }
            Some(value.as_object_mut()?.entry(field).or_insert(Value::Null))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_knows_where_it_comes_from() {
        let home = At::of(3);
        let mut made = Made::new("Service", "a".to_owned(), &home);
        made.set("config.upstream.url", "https://a", &home.field("spec.hosts"));
        made.push("config.http.plugins", json!({ "name": "x" }), &At::of(4).item(1));
        made.push("config.http.plugins", json!({ "name": "y" }), &At::of(5));
        made.label("annotations", "k", "v");
        made.is_copy_of("spec.config.http.plugins[1].transform", &At::of(5).field("spec.template"));
        assert_eq!(
            made.document(),
            json!({
                "kind": "Service", "metadata": { "name": "a", "annotations": { "k": "v" } },
                "spec": { "config": { "upstream": { "url": "https://a" }, "http": { "plugins": [{ "name": "x" }, { "name": "y" }] } } },
            })
        );
        for (path, document, origin) in [
            ("spec.config.upstream.url", 3, "spec.hosts"),
            ("spec.config.upstream", 3, ""),
            ("spec.config.http.plugins[0].transform.request", 4, "[1]"),
            ("spec.config.http.plugins[1]", 5, ""),
            ("spec.config.http.plugins[1].transform", 5, "spec.template"),
            ("spec.config.http.plugins[1].transform.headers[0].text", 5, "spec.template.headers[0].text"),
            ("spec.config.http.plugins[1].transformer", 5, ""),
            ("spec.config.http.plugins[10]", 3, ""),
            ("metadata.name", 3, ""),
        ] {
            let at = made.origin(path);
            assert_eq!((at.document, at.path.as_str()), (document, origin), "{path}");
        }
    }
}
