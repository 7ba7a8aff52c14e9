//! `parent`: a configuration that builds upon another.

use serde_json::Value;

use crate::resource::service::Config;

/// The child's values over the parent's: scalars and lists as protobuf merges them (lists are appended, messages merge), and of
/// alternatives, such as the kinds of `auth`, the child's replaces the parent's.
///
/// # Errors
/// When the merged values no longer make a configuration; the text is serde's.
pub fn merge(parent: &Config, child: &Config) -> Result<Config, String> {
    let mut merged = serde_json::to_value(parent).map_err(|error| error.to_string())?;
    let child = serde_json::to_value(child).map_err(|error| error.to_string())?;
    merge_value(&mut merged, child, "");
    if let Some(fields) = merged.as_object_mut() {
        fields.remove("parent");
    }
    serde_json::from_value(merged).map_err(|error| error.to_string())
}

/// Fields of which at most one can be set, by the name of the object that holds them.
const ALTERNATIVES: [(&str, &[&str]); 6] = [
    ("auth", &["bearer", "basic", "custom", "oauth2ClientCredentials", "sigv4", "query", "passthrough"]),
    ("upstream", &["url", "loadbalance", "container"]),
    ("path", &["replacePrefix", "replaceFullPath", "regex"]),
    ("response", &["direct", "redirect"]),
    ("direct", &["inline", "inlineBytes"]),
    ("host", &["preserve", "value", "eval"]),
];

fn merge_value(parent: &mut Value, child: Value, name: &str) {
    match (parent, child) {
        (Value::Object(parent), Value::Object(child)) => {
            for (owner, arms) in ALTERNATIVES {
                if owner == name && child.keys().any(|key| arms.contains(&key.as_str())) {
                    parent.retain(|key, _| !arms.contains(&key.as_str()) || child.contains_key(key));
                }
            }
            for (key, value) in child {
                match parent.get_mut(&key) {
                    Some(existing) => merge_value(existing, value, &key),
                    None => {
                        parent.insert(key, value);
                    }
                }
            }
        }
        (Value::Array(parent), Value::Array(child)) => parent.extend(child),
        (parent, child) => *parent = child,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::test;

    use super::*;

    fn config(json: &str) -> Config {
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
        assert_eq!(merge(&parent, &child).unwrap(), expected);
    }

    #[test]
    fn another_alternative_replaces() {
        let parent = config(r#"{"http":{"response":{"direct":{"statusCode":201,"inline":"a"}}}}"#);
        let child = config(r#"{"http":{"response":{"direct":{"inlineBytes":"Yg=="}}}}"#);
        let direct = merge(&parent, &child).unwrap().http.unwrap().response.unwrap().direct.unwrap();
        assert_eq!((direct.inline, direct.inline_bytes.as_deref(), direct.status_code), (None, Some("Yg=="), Some(201)));
    }
}
