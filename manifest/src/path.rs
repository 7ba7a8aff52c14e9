//! Paths inside a document, written as `postern_core::problem::Problems` writes them.

use std::collections::BTreeMap;

use crate::yaml::{Node, Place, Value};

/// The path of a field, or of a map key, of the value at `path`.
pub fn field(path: &str, name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    match (plain, path.is_empty()) {
        (true, true) => name.to_owned(),
        (true, false) => format!("{path}.{name}"),
        (false, _) => format!("{path}[{name:?}]"),
    }
}

/// The path of an item of the list at `path`.
pub fn item(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}

/// Where the values of a document stand, by their paths. A map or list is told by its key, which is where one looks for it.
pub fn places(root: &Node) -> BTreeMap<String, Place> {
    let mut places = BTreeMap::new();
    collect(root, &root.place, String::new(), &mut places);
    places
}

/// The place of a path, or of the nearest value around it.
pub fn nearest<'a>(places: &'a BTreeMap<String, Place>, path: &str) -> Option<&'a Place> {
    let mut path = path;
    loop {
        if let Some(place) = places.get(path) {
            return Some(place);
        }
        path = path.get(..path.rfind(['.', '['])?)?;
    }
}

fn collect(node: &Node, key: &Place, path: String, places: &mut BTreeMap<String, Place>) {
    match &node.value {
        Value::Map(entries) => {
            for entry in entries {
                collect(&entry.node, &entry.key_place, field(&path, &entry.key), places);
            }
            places.insert(path, key.clone());
        }
        Value::List(items) => {
            for (index, node) in items.iter().enumerate() {
                collect(node, &node.place, item(&path, index), places);
            }
            places.insert(path, key.clone());
        }
        _ => {
            places.insert(path, node.place.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use postern_core::problem::Problems;

    use super::*;

    #[test]
    fn paths_are_written_as_the_core_writes_them() {
        for names in [["spec", "rules"], ["labels", "a.b"], ["a b", "c"], ["", "x"], ["a-b", "c_d"]] {
            let mut problems = Problems::new();
            problems.at(names[0], |p| p.at(names[1], |p| p.at_index(3, |p| p.error("x"))));
            let ours = item(&field(&field("", names[0]), names[1]), 3);
            assert_eq!(problems.iter().next().unwrap().path, ours);
        }
    }

    #[test]
    fn the_nearest_place_is_that_of_the_value_or_of_what_is_around_it() {
        let text = "spec:\n  rules:\n    - effect: ALLOW\n  x: 1\n";
        let root = crate::yaml::documents(text).remove(0).root.unwrap();
        let places = places(&root);
        for (path, line, column) in [
            ("spec.rules[0].effect", 3, 15),
            ("spec.rules[0].condition.match", 3, 7),
            ("spec.rules", 2, 3),
            ("spec.authorization.policies[2]", 1, 1),
            ("spec.x", 4, 6),
            ("metadata.name", 1, 1),
            ("", 1, 1),
        ] {
            let place = nearest(&places, path).or_else(|| places.get("")).unwrap();
            assert_eq!((place.line, place.column), (line, column), "{path}");
        }
    }
}
