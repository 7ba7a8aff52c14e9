use serde_json::Value as Json;

use super::{At, Walker, list};
use crate::finding::Finding;
use crate::suggest::closest;
use crate::yaml::{Node, Value};

impl<'a> Walker<'a> {
    /// A value out of a list: branches with `const` or `enum`.
    pub(super) fn one_value_of(&mut self, node: &Node, branches: &[Json], at: &At) {
        let allowed = || {
            let of_branch =
                |branch: &'_ Json| branch.get("const").cloned().into_iter().chain(list(branch, "enum").unwrap_or_default().to_vec());
            branches.iter().flat_map(of_branch).collect::<Vec<Json>>()
        };
        let allowed = allowed();
        let written = node.to_json();
        if allowed.contains(&written) {
            return;
        }
        let names: Vec<&str> = allowed.iter().filter_map(Json::as_str).collect();
        let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let (message, help) = match &node.value {
            Value::Text(text) => {
                let help = closest(text, names.iter().copied()).map(|name| format!("did you mean `{name}`?"));
                (format!("`{text}` is not one of {}", quoted.join(", ")), help)
            }
            Value::Number(number) => (format!("{number} is not one of {}", quoted.join(", ")), None),
            _ => (format!("expected one of {}, found {}", quoted.join(", "), node.describe()), None),
        };
        self.found.push(Finding::error(&node.place, &at.path, message).with_help(help));
    }

    /// A map with exactly one key out of several: branches that are objects with one required property.
    pub(super) fn one_key_of(&mut self, node: &mut Node, branches: &'a [Json], at: At) {
        let keys: Vec<&str> = branches.iter().filter_map(|branch| list(branch, "required")?.first()?.as_str()).collect();
        let help = format!("one of {}", keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", "));
        let Value::Map(entries) = &mut node.value else {
            let message = format!("expected a map with one key, found {}", node.describe());
            self.found.push(Finding::error(&node.place, &at.path, message).with_help(Some(example(node, &keys).unwrap_or(help))));
            return;
        };
        if entries.len() != 1 {
            let message = format!("expected exactly one key, found {}", entries.len());
            self.found.push(Finding::error(&at.key, &at.path, message).with_help(Some(help)));
            return;
        }
        let branch = branches.iter().find(|branch| {
            branch
                .get("properties")
                .and_then(Json::as_object)
                .is_some_and(|properties| entries.iter().all(|entry| properties.contains_key(&entry.key)))
        });
        match (branch, entries.first()) {
            (Some(branch), _) => self.object(entries, branch, at),
            (None, Some(entry)) => {
                let meant = closest(&entry.key, keys.iter().copied()).map(|name| format!("did you mean `{name}`?"));
                let path = crate::path::field(&at.path, &entry.key);
                let message = format!("there is no field `{}` here", entry.key);
                self.found.push(Finding::error(&entry.key_place, &path, message).with_help(Some(meant.unwrap_or(help))));
            }
            (None, None) => {}
        }
    }
}

/// How a time such as `30s` is written.
fn example(node: &Node, keys: &[&str]) -> Option<String> {
    let text = node.text()?;
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(split)?;
    let key = match unit.trim() {
        "ms" => "milliseconds",
        "s" | "sec" => "seconds",
        "m" | "min" => "minutes",
        "h" => "hours",
        "d" => "days",
        _ => return None,
    };
    (!number.is_empty() && keys.contains(&key)).then(|| format!("write `{key}: {number}` in it"))
}
