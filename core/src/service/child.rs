//! Configurations of `dynamicConfig`, which may build upon another.

use serde_json::Value;

use super::merge::{Written, merge};
use super::{Config, DEFAULT, Target};
use crate::problem::Problems;
use crate::resource;
use crate::resource::service::{Config as Resource, DynamicConfig};

/// Compiles a configuration over its parent, if it has one. `own` is the configuration as it is written.
pub fn compile(
    source: &Resource,
    own: &Value,
    written: &Written,
    (spec, dynamic): (&resource::Service, &DynamicConfig),
    problems: &mut Problems,
) -> Config {
    let name = source.name.clone();
    let Some(parent) = &source.parent else { return Config::compile(source, name, problems) };
    // What it says itself is told at its own place: in the merged lists its items have other places.
    let (part, found) = problems.aside(|problems| Config::compile_part(source, name.clone(), problems));
    let is_sound = !found.has_errors();
    problems.extend(found.into_vec());
    let parents_name = parent;
    let Some(parent) = problems.at("parent", |problems| parent_of(parent, spec, dynamic, problems)) else { return part };
    let merged = match merge(written.config(parents_name).unwrap_or(&Value::Null), own) {
        Ok(merged) => merged,
        Err(why) => {
            problems.at("parent", |problems| problems.error(format!("the two configurations do not fit together: {why}")));
            return part;
        }
    };
    let (mut config, together) = problems.aside(|problems| Config::compile(&merged, name, problems));
    // It is one container, and not one for each of those that only say what else is done.
    if let Target::Container(container) = &mut config.target
        && source.upstream.as_ref().is_none_or(|upstream| upstream.container.is_none())
    {
        container.owner = parent.name.clone().filter(|name| name != DEFAULT);
    }
    // What is wrong with the parent is told there.
    if is_sound && together.has_errors() && !problems.aside(|problems| Config::compile(parent, None, problems)).1.has_errors() {
        problems.extend(together.into_vec());
    }
    config
}

fn parent_of<'a>(name: &str, spec: &'a resource::Service, dynamic: &'a DynamicConfig, problems: &mut Problems) -> Option<&'a Resource> {
    let parent = match name {
        DEFAULT => spec.config.as_ref(),
        other => dynamic.configs.iter().find(|config| config.name.as_deref() == Some(other)),
    };
    let Some(parent) = parent else {
        problems.error(format!("there is no configuration `{name}`"));
        return None;
    };
    if parent.parent.is_some() {
        problems.error(format!("`{name}` has a parent itself, and a configuration can build upon one level only"));
        return None;
    }
    Some(parent)
}

#[cfg(test)]
#[cfg(feature = "containers")]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::resource::AnyResource;
    use crate::testing::test;

    fn problems(default: &Value, child: &Value) -> Vec<String> {
        let spec = json!({ "mode": "HTTP", "config": default, "dynamicConfig": { "configs": [child] } });
        let document = json!({ "kind": "Service", "metadata": { "name": "chat" }, "spec": spec });
        let AnyResource::Service(service) = AnyResource::from_json("Service", document).unwrap() else { unreachable!() };
        let mut problems = Problems::new();
        super::super::Service::compile(&service, "example.com", &mut problems);
        problems.into_vec().into_iter().map(|problem| problem.path).collect()
    }

    #[test]
    fn each_problem_is_told_once_where_it_was_written() {
        let add = |count: usize, value: &str| {
            let header = json!({ "key": "x", "value": value });
            json!({ "header": { "addRequestHeaders": vec![header; count] } })
        };
        let default = |http: Value| json!({ "upstream": { "url": "https://a.example" }, "http": http });
        let child = |http: Value| json!({ "name": "one", "parent": "default", "http": http });
        let own = "spec.dynamicConfig.configs[0].http.header.addRequestHeaders";
        for (parent, child, expected) in [
            (default(add(1, "a")), child(add(1, "a")), None),
            (default(add(1, "\n")), child(add(1, "a")), Some("spec.config.http.header.addRequestHeaders[0].value".to_owned())),
            (default(add(1, "a")), child(add(1, "\n")), Some(format!("{own}[0].value"))),
            (
                default(json!({})),
                json!({ "name": "one", "parent": "default", "upstream": { "url": "https://b.example", "container": { "image": "i", "port": 1 } } }),
                Some("spec.dynamicConfig.configs[0].upstream".to_owned()),
            ),
            (default(add(200, "a")), child(add(100, "a")), Some(own.to_owned())),
            (json!({ "http": {} }), child(json!({})), Some("spec.config".to_owned())),
        ] {
            assert_eq!(problems(&parent, &child), expected.into_iter().collect::<Vec<_>>(), "{parent} {child}");
        }
        assert_eq!(problems(&default(json!({})), &json!({ "name": "one" })), ["spec.dynamicConfig.configs[0]"]);
        assert_eq!(problems(&default(json!({})), &json!({ "name": "one", "parent": "no" })), ["spec.dynamicConfig.configs[0].parent"]);
    }
}
