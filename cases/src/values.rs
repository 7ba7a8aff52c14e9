//! `${…}` in a case's texts: what only the runner knows.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Values by name, such as `upstream.provider`.
#[derive(Debug, Default)]
pub(crate) struct Values(BTreeMap<String, String>);

impl Values {
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Fills in every text of a part of a case.
    ///
    /// # Errors
    /// The text names what is unknown; it is for the case's author.
    pub fn fill<T: Serialize + DeserializeOwned>(&self, part: &T) -> Result<T, String> {
        let mut tree = serde_json::to_value(part).map_err(|error| error.to_string())?;
        self.fill_tree(&mut tree)?;
        serde_json::from_value(tree).map_err(|error| error.to_string())
    }

    /// Fills in one text. `${any}` stays, for the comparison of JSON.
    ///
    /// # Errors
    /// As [`Values::fill`].
    pub fn fill_text(&self, text: &str) -> Result<String, String> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, after)) = after.split_once('}') else { break };
            out.push_str(before);
            match self.get(name) {
                Some(value) => out.push_str(value),
                None if name == "any" => out.push_str("${any}"),
                None => return Err(format!("${{{name}}} is not known here")),
            }
            rest = after;
        }
        out.push_str(rest);
        Ok(out)
    }

    fn fill_tree(&self, tree: &mut Value) -> Result<(), String> {
        match tree {
            Value::String(text) if text.contains("${") => *text = self.fill_text(text)?,
            Value::Array(items) => items.iter_mut().try_for_each(|item| self.fill_tree(item))?,
            Value::Object(map) => map.values_mut().try_for_each(|value| self.fill_tree(value))?,
            _ => {}
        }
        Ok(())
    }
}

/// The names of one kind that a part of a case refers to: for `token`, those of `${token.NAME}`.
pub(crate) fn references<T: Serialize>(part: &T, kind: &str) -> Vec<String> {
    let text = serde_json::to_string(part).unwrap_or_default();
    let start = format!("${{{kind}.");
    text.split(&start).skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_text_is_filled() {
        let mut values = Values::default();
        values.set("a.b", "1");
        assert_eq!(
            values.fill(&json!({"x": ["${a.b}-${a.b}", "${any}", "$", "${", 2]})),
            Ok(json!({"x": ["1-1", "${any}", "$", "${", 2]}))
        );
        assert_eq!(values.fill_text("${c}"), Err("${c} is not known here".into()));
    }

    #[test]
    fn references_are_found() {
        assert_eq!(references(&json!(["a ${token.x} b ${token.y}", "${saved.z}"]), "token"), ["x", "y"]);
    }
}
