//! What a build says that leaves parts out. With all parts nothing is refused; `--no-default-features` shows the refusals.

use serde_json::{Value, json};

use super::Feature;
use crate::problem::{Problems, Severity};
use crate::resource::Resource;
use crate::service::Service;
use crate::testing::test;

#[test]
fn what_a_build_lacks_is_refused() {
    let upstream = json!({"url": "https://a.example"});
    let http = |http: Value| json!({"mode": "HTTP", "config": {"upstream": {"url": "https://a.example"}, "http": http}});
    let plugin = |kind: &str, plugin: Value| {
        let plugin = json!({"name": "p", "condition": {"matchAny": true}, kind: plugin});
        http(json!({"plugins": [plugin]}))
    };
    let rule =
        |rule: Value| json!({"mode": "HTTP", "config": {"upstream": {"url": "https://a.example"}}, "dynamicConfig": {"rules": [rule]}});
    let sigv4 =
        json!({"accessKeyID": "AKIDEXAMPLE", "secretAccessKey": {"fromSecret": "some-key"}, "region": "us-east-1", "service": "s3"});
    let oauth2 = json!({"clientID": "a", "clientSecret": {"fromSecret": "some-key"}, "tokenURL": "https://a.example/token"});
    let schema = json!({"validation": {"jsonSchema": {"inline": "{}"}}});
    for (feature, spec) in [
        (Feature::AiProviders, json!({"mode": "HTTP", "config": {"upstream": &upstream, "ai": {"provider": "OPENAI"}}})),
        (Feature::Authentication, json!({"mode": "HTTP", "authentication": {"apiKey": {}}, "config": {"upstream": &upstream}})),
        (Feature::Cache, plugin("cache", json!({}))),
        (Feature::Containers, json!({"mode": "HTTP", "config": {"upstream": {"container": {"image": "a:1", "port": 80}}}})),
        (Feature::ExpressionLibrary, rule(json!({"condition": {"match": "now() > now()"}, "configName": "default"}))),
        (Feature::ExtProc, plugin("extProc", json!({"address": "127.0.0.1:9000"}))),
        (Feature::JsonSchema, http(json!({"body": schema}))),
        (Feature::Lua, plugin("lua", json!({"inline": "local x = 1"}))),
        (Feature::MadeConfigs, rule(json!({"condition": {"matchAny": true}, "eval": "{'upstream': {'url': 'https://a.example'}}"}))),
        (Feature::Mirrors, http(json!({"mirror": [{"url": "https://b.example"}]}))),
        (Feature::Oauth2Client, http(json!({"auth": {"oauth2ClientCredentials": oauth2}}))),
        (
            Feature::Pools,
            json!({
                "mode": "HTTP",
                "config": {"upstream": {"pools": [{"configs": ["a"]}]}},
                "dynamicConfig": {"configs": [{"name": "a", "upstream": &upstream}]},
            }),
        ),
        (Feature::RateLimit, plugin("rateLimit", json!({"limit": 1, "window": {"seconds": 1}}))),
        (Feature::RateLimit, plugin("concurrencyLimit", json!({"limit": 1}))),
        (
            Feature::Rego,
            rule(json!({"condition": {"opa": {"inline": "package octelium.condition\nmatch if true"}}, "configName": "default"})),
        ),
        (Feature::Routing, json!({"mode": "HTTP", "isPublic": true, "routes": [{}], "config": {"upstream": &upstream}})),
        (Feature::Routing, http(json!({"path": {"regex": {"pattern": "a", "substitution": "b"}}}))),
        (Feature::SigV4, http(json!({"auth": {"sigv4": sigv4}}))),
        (Feature::Templates, plugin("transform", json!({"request": {"headersToRemove": ["x-a"]}}))),
    ] {
        let refused = refusals(&spec);
        if feature.is_built() {
            assert!(refused.is_empty(), "{feature:?}: {refused:?}");
        } else {
            assert!(refused.iter().any(|message| message.contains(&format!("`{}`", feature.as_str()))), "{feature:?}: {refused:?}");
        }
    }
}

fn refusals(spec: &Value) -> Vec<String> {
    let document = json!({"kind": "Service", "metadata": {"name": "s"}, "spec": spec});
    let resource: Resource<crate::resource::Service> = serde_json::from_value(document.clone()).unwrap();
    let mut problems = Problems::new();
    Service::compile_written(&resource, &document, "example.com", &mut problems);
    let errors = problems.into_vec().into_iter().filter(|problem| problem.severity == Severity::Error);
    errors.map(|problem| format!("{}: {}", problem.path, problem.message)).collect()
}
