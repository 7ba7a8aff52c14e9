//! The resources of a schema: what `$id`, `$anchor` and `$dynamicAnchor` give names to (draft 2020-12, core, §8.2).

use std::collections::BTreeMap;

use fluent_uri::{Uri, UriRef};
use serde_json::{Map, Value};

use super::{at, inside};
use crate::json_schema::keyword::{Shape, shape};
use crate::problem::Problems;

/// Where a schema without `$id` stands. Nothing is ever fetched from there, or from anywhere.
const NOWHERE: &str = "json-schema:///";

/// The only draft there is here.
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

pub struct Resources {
    pub list: Vec<Resource>,
    /// The places of all schemas that stand where a schema may stand.
    pub schemas: Vec<String>,
    by_uri: BTreeMap<String, usize>,
    by_place: BTreeMap<String, usize>,
}

/// A schema with an `$id`, or the whole.
pub struct Resource {
    pub uri: Uri<String>,
    pub place: String,
    /// Places by their `$anchor` or `$dynamicAnchor`.
    pub anchors: BTreeMap<String, String>,
    /// Places by their `$dynamicAnchor`.
    pub dynamic: BTreeMap<String, String>,
}

impl Resources {
    pub fn scan(root: &Value, problems: &mut Problems) -> Self {
        let mut this = Self { list: Vec::new(), schemas: Vec::new(), by_uri: BTreeMap::new(), by_place: BTreeMap::new() };
        if let Ok(uri) = Uri::parse(NOWHERE.to_owned()) {
            this.add(uri, String::new());
        }
        this.visit(root, String::new(), 0, problems);
        this
    }

    /// The resource that a place belongs to: that of the nearest `$id` above it.
    pub fn of(&self, place: &str) -> usize {
        let mut above = place;
        loop {
            if let Some(resource) = self.by_place.get(above) {
                return *resource;
            }
            match above.rsplit_once('/') {
                Some((parent, _)) => above = parent,
                None => return 0,
            }
        }
    }

    pub fn by_uri(&self, uri: &str) -> Option<&Resource> {
        self.by_uri.get(uri).and_then(|index| self.list.get(*index))
    }

    fn add(&mut self, uri: Uri<String>, place: String) -> usize {
        let index = self.list.len();
        self.by_uri.insert(uri.as_str().to_owned(), index);
        self.by_place.insert(place.clone(), index);
        self.list.push(Resource { uri, place, anchors: BTreeMap::new(), dynamic: BTreeMap::new() });
        index
    }

    /// Nesting is bounded by what the JSON reader lets through.
    fn visit(&mut self, schema: &Value, place: String, resource: usize, problems: &mut Problems) {
        let Value::Object(members) = schema else { return };
        let resource = self.identify(members, &place, resource, problems);
        self.name_anchors(members, &place, resource, problems);
        for (keyword, value) in members {
            let here = inside(&place, keyword);
            match (shape(keyword), value) {
                (Some(Shape::Schema), _) => self.visit(value, here, resource, problems),
                (Some(Shape::Schemas), Value::Array(list)) => {
                    for (index, value) in list.iter().enumerate() {
                        self.visit(value, format!("{here}/{index}"), resource, problems);
                    }
                }
                (Some(Shape::NamedSchemas), Value::Object(named)) => {
                    for (name, value) in named {
                        self.visit(value, inside(&here, name), resource, problems);
                    }
                }
                _ => {}
            }
        }
        self.schemas.push(place);
    }

    fn identify(&mut self, members: &Map<String, Value>, place: &str, resource: usize, problems: &mut Problems) -> usize {
        if let Some(draft) = members.get("$schema")
            && draft.as_str().map(|draft| draft.trim_end_matches('#')) != Some(DRAFT)
        {
            problems
                .error_with_help(at(place, "only draft 2020-12 can be checked"), format!("write `\"$schema\": \"{DRAFT}\"`, or nothing"));
        }
        let Some(id) = members.get("$id") else { return resource };
        let base = self.list.get(resource).map(|resource| resource.uri.clone());
        let uri = base.and_then(|base| UriRef::parse(id.as_str()?).ok()?.resolve_against(&base).ok());
        let Some(mut uri) = uri.filter(|uri| uri.fragment().is_none_or(|fragment| fragment.as_str().is_empty())) else {
            problems.error(at(place, "`$id` is a URI without a fragment (RFC 3986)"));
            return resource;
        };
        uri.set_fragment(None);
        if self.by_uri.contains_key(uri.as_str()) {
            problems.error(at(place, "another schema has the same `$id`"));
            return resource;
        }
        self.add(uri, place.to_owned())
    }

    fn name_anchors(&mut self, members: &Map<String, Value>, place: &str, resource: usize, problems: &mut Problems) {
        for keyword in ["$anchor", "$dynamicAnchor"] {
            let Some(value) = members.get(keyword) else { continue };
            let Some(name) = value.as_str().filter(|name| is_anchor(name)) else {
                problems.error(at(place, &format!("`{keyword}` is a letter or underscore, then letters, digits, `-`, `_` and `.`")));
                continue;
            };
            let Some(resource) = self.list.get_mut(resource) else { continue };
            let known = resource.anchors.insert(name.to_owned(), place.to_owned());
            if known.is_some_and(|known| known != place) {
                problems.error(at(place, &format!("there is an anchor `{name}` already")));
            }
            if keyword == "$dynamicAnchor" {
                resource.dynamic.insert(name.to_owned(), place.to_owned());
            }
        }
    }
}

fn is_anchor(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|other| other.is_ascii_alphanumeric() || "-_.".contains(other))
}
