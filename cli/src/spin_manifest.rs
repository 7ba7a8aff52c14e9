//! `spin.toml`, of which exactly one list is ours.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;
use std::{fs, io};

use anyhow::{Context, Result, bail};
use toml_edit::{Array, DocumentMut, Item, Value};

use crate::console;

const COMPONENT: &str = "postern";
const LIST: &str = "allowed_outbound_hosts";

/// Makes the component's `allowed_outbound_hosts` these origins, and leaves everything else as it is written.
///
/// # Errors
/// When there is no such component, or the file cannot be read or written.
pub fn allow(path: &Path, origins: &BTreeSet<String>) -> Result<()> {
    let place = path.display();
    let Some(text) = read(path).with_context(|| format!("{place} cannot be read"))? else {
        console::warning(&format!("there is no {place} here: its {LIST} must name {}", list(origins)));
        return Ok(());
    };
    if let Some(text) = with_allowed(&text, origins).with_context(|| format!("{place} cannot be used"))? {
        fs::write(path, text).with_context(|| format!("{place} cannot be written"))?;
        console::note(&format!("{place}: {LIST} is now {}", list(origins)));
    }
    Ok(())
}

/// The origins that the component may not call; none where there is no file.
///
/// # Errors
/// As [`allow`].
pub fn missing(path: &Path, origins: &BTreeSet<String>) -> Result<BTreeSet<String>> {
    let Some(text) = read(path)? else { return Ok(BTreeSet::new()) };
    let document: DocumentMut = text.parse().with_context(|| format!("{} cannot be used", path.display()))?;
    let allowed = allowed(document.get("component").and_then(|components| components.get(COMPONENT)).and_then(|it| it.get(LIST)));
    Ok(origins.difference(&allowed).cloned().collect())
}

fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}

/// The new text; `None` when the list is right already.
fn with_allowed(text: &str, origins: &BTreeSet<String>) -> Result<Option<String>> {
    let mut document: DocumentMut = text.parse()?;
    let component = document.get_mut("component").and_then(|components| components.get_mut(COMPONENT)).and_then(Item::as_table_like_mut);
    let Some(component) = component else { bail!("it has no [component.{COMPONENT}]") };
    let before = component.get(LIST);
    if before.is_some() && allowed(before) == *origins {
        return Ok(None);
    }
    let mut value = Value::Array(origins.iter().collect::<Array>());
    if let Some(before) = before.and_then(Item::as_value) {
        *value.decor_mut() = before.decor().clone();
    }
    match component.get_mut(LIST) {
        // In place: an insertion would drop the comment above.
        Some(item) => *item = Item::Value(value),
        None => drop(component.insert(LIST, Item::Value(value))),
    }
    Ok(Some(document.to_string()))
}

fn allowed(list: Option<&Item>) -> BTreeSet<String> {
    let entries = list.and_then(Item::as_array).into_iter().flatten();
    entries.filter_map(|entry| entry.as_str()).map(str::to_owned).collect()
}

fn list(origins: &BTreeSet<String>) -> String {
    if origins.is_empty() { "empty".into() } else { origins.iter().cloned().collect::<Vec<_>>().join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(origins: &[&str]) -> BTreeSet<String> {
        origins.iter().copied().map(String::from).collect()
    }

    #[test]
    fn changes_that_list_and_nothing_else() {
        let text = "# head\n[component.other]\nallowed_outbound_hosts = []\n\n[component.postern]\nsource = \"a.wasm\"\n# ours\n\
                    allowed_outbound_hosts = [\n  \"https://old\", # gone\n] # tail\nkey_value_stores = [\"default\"]\n";
        let want = text.replace("[\n  \"https://old\", # gone\n] # tail", "[\"http://b:1\", \"https://a\"] # tail");
        let new = with_allowed(text, &set(&["https://a", "http://b:1"])).unwrap().unwrap();
        assert_eq!(new, want);
        assert_eq!(with_allowed(&new, &set(&["http://b:1", "https://a"])).unwrap(), None);
    }

    #[test]
    fn a_missing_list_is_added_and_a_missing_component_refused() {
        let new = with_allowed("[component.postern]\nsource = \"a\"\n", &set(&[])).unwrap();
        assert_eq!(new.as_deref(), Some("[component.postern]\nsource = \"a\"\nallowed_outbound_hosts = []\n"));
        assert!(with_allowed("[component.mine]\n", &set(&[])).is_err());
        assert!(with_allowed("not toml", &set(&[])).is_err());
    }
}
