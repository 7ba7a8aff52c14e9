use serde_json::{Map, Value};

/// Marks a property that is another name for the property at a path below the same map.
pub const ALIAS_OF: &str = "x-alias-of";

/// Places in which manifests written for older versions of Octelium have a field. (definition, field, path, the path's definition)
const ALIASES: [(&str, &str, &str, &str); 4] = [
    ("Config", "auth", "http.auth", "Http"),
    ("Config", "plugins", "http.plugins", "Http"),
    ("Plugin", "ratelimit", "rateLimit", "Plugin"),
    ("SecretDocument", "data", "spec.data", "Secret"),
];

/// Adds the aliases, so that editors accept them as well, as deprecated.
pub fn insert(definitions: &mut Map<String, Value>) {
    for (definition, alias, path, owner) in ALIASES {
        let field = path.rsplit('.').next().unwrap_or(path);
        let target = definitions.get(owner).and_then(|owner| owner.get("properties")?.get(field)).cloned();
        let properties = definitions.get_mut(definition).and_then(|definition| definition.get_mut("properties"));
        if let (Some(Value::Object(mut target)), Some(Value::Object(properties))) = (target, properties) {
            target.insert(ALIAS_OF.to_owned(), path.into());
            target.insert("deprecated".to_owned(), true.into());
            target.insert("description".to_owned(), format!("Another name for `{path}`.").into());
            properties.insert(alias.to_owned(), Value::Object(target));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ALIAS_OF, ALIASES};
    use crate::schema::Schema;

    #[test]
    fn every_alias_is_in_the_schema() {
        let schema = Schema::new();
        for (definition, alias, path, _) in ALIASES {
            let property = &schema.definition(definition).unwrap()["properties"][alias];
            assert_eq!(property[ALIAS_OF], path, "{definition}.{alias}");
        }
    }
}
