//! An upstream that is a container.

use serde_json::{Value, json};

use super::fixture::{Fixture, PROVIDER_KEY, public};
use crate::platform::{Capability, HttpError};
use crate::testing::test;

fn fixture(mut container: Value) -> Fixture {
    container["image"] = json!("app:1");
    container["port"] = json!(8080);
    let mut spec = public(json!({ "upstream": { "container": container } }));
    spec["dynamicConfig"] = json!({
        "configs": [{ "name": "child", "parent": "default", "http": { "path": { "removePrefix": "/child" } } }],
        "rules": [{ "condition": { "match": "ctx.request.http.path.startsWith(\"/child\")" }, "configName": "child" }],
    });
    let mut fixture = Fixture::new(json!({ "api.default": spec }), json!({}));
    fixture.capabilities = fixture.capabilities.with(Capability::Container);
    fixture
}

#[test]
fn the_host_is_told_how_to_start_it() {
    let fixture = fixture(json!({
        "command": ["/app"], "args": ["-v"], "replicas": 3,
        "env": [{ "name": "MODE", "value": "live" }, { "name": "KEY", "fromSecret": "provider" }],
        "readinessProbe": { "httpGet": { "path": "/ready" } },
    }));
    assert_eq!(fixture.get("http://api.localhost/x?y").status, 200);
    let sent = fixture.upstream.last();
    let container = sent.options.container.unwrap();
    assert_eq!((sent.uri.as_str(), container.port, container.instance < 3), ("http://container/x?y", 8080, true));
    assert_eq!(container.start.entrypoint, ["/app", "-v"]);
    assert_eq!(container.start.ready_path.as_deref(), Some("/ready"));
    let env: Vec<_> = container.start.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(env, [("MODE", "live"), ("KEY", PROVIDER_KEY)]);
    assert!(!format!("{container:?}").contains(PROVIDER_KEY));
}

#[test]
fn configurations_that_build_upon_it_share_it() {
    let fixture = fixture(json!({ "args": ["-v"] }));
    let id = |path: &str| {
        assert_eq!(fixture.get(&format!("http://api.localhost{path}")).status, 200);
        fixture.upstream.last().options.container.unwrap().id.clone()
    };
    assert_eq!(id("/child/x"), id("/x"));
    assert!(fixture.get("http://api.localhost/").status == 200);
    assert!(fixture.upstream.last().options.container.unwrap().start.entrypoint.is_empty(), "arguments alone are the image's");
}

#[test]
fn where_it_cannot_run_only_its_configuration_fails() {
    let mut elsewhere = fixture(json!({}));
    elsewhere.capabilities = crate::platform::Capabilities::none();
    assert_eq!((elsewhere.get("http://api.localhost/").status, elsewhere.upstream.calls()), (501, 0));
    assert!(elsewhere.log()["entry"]["common"]["error"]["detail"].as_str().unwrap().contains("container"));

    let undeployed = fixture(json!({}));
    undeployed.upstream.answers(|| Err(HttpError::NoContainer("no binding".to_owned())));
    let answer = undeployed.get("http://api.localhost/");
    assert_eq!((answer.status, answer.header("x-should-retry")), (501, Some("false")));
    assert!(undeployed.log()["entry"]["common"]["error"]["detail"].as_str().unwrap().contains("no binding"));

    let secretless = fixture(json!({ "env": [{ "name": "KEY", "fromSecret": "missing" }] }));
    assert_eq!(
        (secretless.get("http://api.localhost/").code().as_str(), secretless.upstream.calls()),
        ("upstream_credential_unavailable", 0)
    );
}
