//! What of a request reaches the upstream, and how.

use serde_json::json;

use super::fixture::{Fixture, PROVIDER_KEY, public, upstream};
use crate::testing::test;

#[test]
fn the_main_path() {
    let fixture = Fixture::with_config(upstream(json!({
        "path": {"addPrefix": "/v1"},
        "header": {"addRequestHeaders": [{"key": "x-user", "eval": "ctx.user.metadata.name"}]},
    })));
    let body = r#"{"model":"m"}"#;
    let answer = fixture.send("POST", "http://api.localhost:8080/chat?a=1", &[("content-type", "application/json")], body);
    assert_eq!(answer.status, 200);
    let sent = fixture.upstream.last();
    assert_eq!((sent.method.as_str(), sent.uri.as_str(), sent.body.as_str()), ("POST", "https://provider.example/v1/chat?a=1", body));
    assert_eq!(sent.header("authorization"), Some(format!("Bearer {PROVIDER_KEY}").as_str()));
    assert_eq!(sent.header("x-user"), Some("alice"));
    assert_eq!(sent.header("content-type"), Some("application/json"));
    assert!(sent.headers.values().all(|value| !value.to_str().unwrap().contains(&fixture.token)));
    assert_eq!(sent.header("x-request-id"), None);
    assert_eq!(sent.options.host, None);
}

#[test]
fn a_rule_on_the_body_chooses_the_upstream() {
    let mut spec = public(json!({"upstream": {"url": "https://default.example"}}));
    spec["dynamicConfig"] = json!({
        "configs": [{"name": "big", "upstream": {"url": "https://big.example"}}],
        "rules": [{"condition": {"match": "ctx.request.http.bodyMap.model == \"big\""}, "configName": "big"}],
    });
    let fixture = Fixture::new(json!({"api.default": spec}), json!({}));
    for (body, uri) in
        [(r#"{"model":"big"}"#, "https://big.example/"), (r#"{"model":"x"}"#, "https://default.example/"), ("", "https://default.example/")]
    {
        assert_eq!(fixture.send("POST", "http://api.localhost/", &[], body).status, 200, "{body}");
        assert_eq!(fixture.upstream.last().uri, uri, "{body}");
    }
}
