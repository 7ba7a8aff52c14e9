//! `parent`: a configuration that builds upon another.

use std::rc::Rc;

use serde_json::Value;

use super::DEFAULT;
use crate::resource::service::Config;

/// What a Service's `spec` says, as it is written. Configurations are merged in this form: what merges is what was said, and builds
/// for the edge then carry no way to write resources.
#[derive(Debug, Clone, Default)]
pub struct Written(Rc<Value>);

impl Written {
    /// From the whole document.
    pub fn of(document: &Value) -> Self {
        Self(Rc::new(document.get("spec").cloned().unwrap_or_default()))
    }

    pub fn config(&self, name: &str) -> Option<&Value> {
        if name == DEFAULT {
            return self.0.get("config");
        }
        let configs = self.0.pointer("/dynamicConfig/configs")?.as_array()?;
        configs.iter().find(|config| config.get("name").and_then(Value::as_str) == Some(name))
    }
}

/// The child's values over the parent's: scalars and lists as protobuf merges them (lists are appended, messages merge), and of
/// alternatives, such as the kinds of `auth`, the child's replaces the parent's.
///
/// # Errors
/// When the merged values no longer make a configuration; the text is serde's.
pub fn merge(parent: &Value, child: &Value) -> Result<Config, String> {
    let mut merged = parent.clone();
    merge_value(&mut merged, child, "");
    if let Some(fields) = merged.as_object_mut() {
        fields.remove("parent");
    }
    read(&merged.to_string())
}

/// Reads a configuration's JSON. From text alone, as resources are read everywhere: a second source would double the code that does.
///
/// # Errors
/// serde's text, without a place in JSON that nobody wrote.
pub fn read(text: &str) -> Result<Config, String> {
    serde_json::from_str(text).map_err(|error| {
        let text = error.to_string();
        text.split_once(" at line ").map(|(why, _)| why.to_owned()).unwrap_or(text)
    })
}

/// Fields of which at most one can be set, by the name of the object that holds them.
const ALTERNATIVES: [(&str, &[&str]); 6] = [
    ("auth", &["bearer", "basic", "custom", "oauth2ClientCredentials", "sigv4", "query", "passthrough"]),
    ("upstream", &["url", "loadbalance", "container", "pools"]),
    // That of `http`, and that of `ai`.
    ("path", &["replacePrefix", "replaceFullPath", "regex", "full", "base"]),
    ("response", &["direct", "redirect"]),
    ("direct", &["inline", "inlineBytes"]),
    ("host", &["preserve", "value", "eval"]),
];

fn merge_value(parent: &mut Value, child: &Value, name: &str) {
    match (parent, child) {
        // As if it were not there.
        (_, Value::Null) => {}
        (Value::Object(parent), Value::Object(child)) => {
            for (owner, arms) in ALTERNATIVES {
                if owner == name && child.keys().any(|key| arms.contains(&key.as_str())) {
                    parent.retain(|key, _| !arms.contains(&key.as_str()) || child.contains_key(key));
                }
            }
            for (key, value) in child {
                match parent.get_mut(key) {
                    Some(existing) => merge_value(existing, value, key),
                    None => {
                        parent.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (Value::Array(parent), Value::Array(child)) => parent.extend(child.iter().cloned()),
        (parent, child) => *parent = child.clone(),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::test;

    use super::*;

    fn config(json: &str) -> Value {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn lists_are_appended_and_scalars_replaced() {
        let parent = config(
            r#"{"upstream":{"url":"https://a.example"},
                "http":{"path":{"addPrefix":"/v1"},"header":{"removeRequestHeaders":["a"]},"auth":{"bearer":{"fromSecret":"x"}}}}"#,
        );
        let child = config(
            r#"{"name":"c","parent":"default",
                "http":{"path":{"addPrefix":"/v2","removePrefix":"/r"},"header":{"removeRequestHeaders":["b"]},"auth":{"bearer":{"fromSecret":"y"}}}}"#,
        );
        let expected = config(
            r#"{"name":"c","upstream":{"url":"https://a.example"},
                "http":{"path":{"addPrefix":"/v2","removePrefix":"/r"},"header":{"removeRequestHeaders":["a","b"]},"auth":{"bearer":{"fromSecret":"y"}}}}"#,
        );
        assert_eq!(merge(&parent, &child).unwrap(), read(&expected.to_string()).unwrap());
    }

    #[test]
    fn another_alternative_replaces() {
        let parent = config(r#"{"http":{"response":{"direct":{"statusCode":201,"inline":"a"}}}}"#);
        let child = config(r#"{"http":{"response":{"direct":{"inlineBytes":"Yg=="}}}}"#);
        let direct = merge(&parent, &child).unwrap().http.unwrap().response.unwrap().direct.unwrap();
        assert_eq!((direct.inline, direct.inline_bytes.as_deref(), direct.status_code), (None, Some("Yg=="), Some(201)));
    }
}
