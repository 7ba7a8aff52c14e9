//! Each step of the pipeline refuses what it is there to refuse, and then nothing reaches the upstream.

use serde_json::{Value, json};

use super::fixture::{Fixture, public, upstream};
use crate::testing::test;

/// One Service for each reason to refuse.
fn services() -> Value {
    let with = |name: &str, value: Value| {
        let mut spec = public(upstream(json!({})));
        spec[name] = value;
        spec
    };
    let policy = |effect: &str, condition: Value| json!({"inlinePolicies": [{"name": "p", "spec": {"rules": [{"name": "r", "condition": condition, "effect": effect}]}}]});
    json!({
        "open.default": public(upstream(json!({}))),
        "private.default": with("isPublic", json!(false)),
        "off.default": with("isDisabled", json!(true)),
        "off-elsewhere.default": {"mode": "HTTP", "isPublic": true, "isDisabled": true, "region": "us", "config": upstream(json!({}))},
        "elsewhere.default": with("region", json!("us")),
        "here.default": with("region", json!("eu")),
        "unruled.default": with("authorization", json!({})),
        "denied.default": with("authorization", policy("DENY", json!({"matchAny": true}))),
        "failing.default": with("authorization", policy("ALLOW", json!({"match": "ctx.request.http.method > 1"}))),
        "lost.default": with("authorization", json!({"policies": ["allow-all", "gone"]})),
        "body.default": with("authorization", policy("ALLOW", json!({"match": "ctx.request.http.bodyMap.model == \"m\""}))),
        "json.default": public(upstream(json!({"body": {"mode": "JSON"}}))),
        "nowhere.default": {"mode": "HTTP", "isPublic": true, "authorization": {"policies": ["allow-all"]},
            "dynamicConfig": {"configs": [{"name": "unchosen", "upstream": {"url": "https://p.example"}}]}},
        "keyless.default": public(json!({"upstream": {"url": "https://p.example"}, "http": {"auth": {"bearer": {"fromSecret": "absent"}}}})),
        "user.default": public(json!({"upstream": {"url": "https://p.example", "user": "bob"}})),
    })
}

#[test]
fn every_step_refuses() {
    let fixture = Fixture::new(services(), json!({}));
    let json_type = ("content-type", "application/json");
    let large = format!("{{\"model\":\"{}\"}}", "m".repeat(1000));
    let table: [(&str, &str, &[(&str, &str)], &str, u16, &str); 28] = [
        ("OPTIONS", "http://open.localhost/*", &[], "", 501, "not_implemented"),
        ("TRACE", "http://open.localhost/", &[], "", 501, "not_implemented"),
        ("TRACK", "http://open.localhost/", &[], "", 501, "not_implemented"),
        ("CONNECT", "http://open.localhost/", &[], "", 501, "not_implemented"),
        ("GET", "http://api.localhost/%zz", &[], "", 400, "bad_request"),
        ("GET", "http://open.localhost/a/%252e%252e/b", &[], "", 400, "bad_request"),
        ("GET", "http://user@open.localhost/", &[], "", 400, "bad_request"),
        ("GET", "http://open.localhost/", &[("connection", "upgrade"), ("upgrade", "websocket")], "", 501, "not_implemented"),
        ("GET", "http://unknown.localhost/", &[], "", 404, "not_found"),
        ("GET", "http://open.elsewhere.example/", &[], "", 404, "not_found"),
        ("GET", "http://localhost/nothing", &[], "", 404, "not_found"),
        ("GET", "http://private.localhost/", &[], "", 404, "not_found"),
        ("GET", "http://elsewhere.localhost/", &[], "", 404, "not_found"),
        ("GET", "http://off.localhost/", &[], "", 503, "service_disabled"),
        ("GET", "http://off-elsewhere.localhost/", &[], "", 503, "service_disabled"),
        ("GET", "http://unruled.localhost/", &[], "", 403, "forbidden"),
        ("GET", "http://denied.localhost/", &[], "", 403, "forbidden"),
        ("GET", "http://failing.localhost/", &[], "", 500, "policy_error"),
        ("GET", "http://lost.localhost/", &[], "", 500, "policy_error"),
        ("POST", "http://body.localhost/", &[json_type], &large, 413, "body_too_large"),
        ("POST", "http://body.localhost/", &[("content-type", "text/plain")], "model=m", 400, "invalid_body"),
        ("POST", "http://body.localhost/", &[json_type], r#"{"model":"x","model":"m"}"#, 400, "invalid_body"),
        ("POST", "http://body.localhost/", &[json_type], r#"{"model":"x"}"#, 403, "forbidden"),
        ("POST", "http://body.localhost/", &[json_type], "", 403, "forbidden"),
        ("POST", "http://json.localhost/", &[("content-type", "text/plain")], "text", 400, "invalid_body"),
        ("GET", "http://nowhere.localhost/", &[], "", 502, "no_upstream"),
        ("GET", "http://keyless.localhost/", &[], "", 502, "upstream_credential_unavailable"),
        ("GET", "http://user.localhost/", &[], "", 501, "not_implemented"),
    ];
    for (row, (method, url, headers, body, status, code)) in table.into_iter().enumerate() {
        let answer = fixture.send(method, url, headers, body);
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{method} {url} {body}");
        assert!(answer.header("x-request-id").is_some(), "{url}");
        assert_eq!(fixture.log_entries(), row + 1, "{url}");
        assert_eq!(fixture.log()["entry"]["info"]["http"]["response"]["code"], status, "{url}");
    }
    assert_eq!(fixture.upstream.calls(), 0);
    assert_eq!(fixture.get("http://here.localhost/").status, 200);
    assert_eq!(fixture.send("POST", "http://body.localhost/", &[json_type], r#"{"model":"m"}"#).status, 200);
}

#[test]
fn who_calls_has_to_be_known() {
    let fixture = Fixture::new(services(), json!({}));
    let send = |headers: &[(&str, &str)]| fixture.send_raw("GET", "http://open.localhost/", headers, "");
    let none = send(&[]);
    assert_eq!((none.status, none.header("www-authenticate")), (401, Some("Bearer realm=\"localhost\"")));
    assert_eq!(none.header("x-octelium-unauthorized"), Some("true"));
    let wrong = send(&[("authorization", "Bearer pst_at_wrong")]);
    assert_eq!((wrong.status, wrong.header("www-authenticate")), (401, Some("Bearer realm=\"localhost\", error=\"invalid_token\"")));
    let two = send(&[("x-postern-auth", &fixture.token), ("authorization", "Bearer other")]);
    assert_eq!(two.status, 400);
    let elsewhere = fixture.scoped_token("service:denied");
    let scope = send(&[("x-postern-auth", &elsewhere)]);
    assert_eq!((scope.status, fixture.log()["entry"]["common"]["reason"]["type"].as_str()), (403, Some("SCOPE_UNAUTHORIZED")));
    fixture.world.store.down.set(true);
    assert_eq!(send(&[("x-postern-auth", &fixture.token)]).status, 503);
    assert_eq!(fixture.upstream.calls(), 0);
}

#[test]
fn what_does_not_exist_and_what_is_hidden_look_alike() {
    let fixture = Fixture::new(services(), json!({}));
    let answers = ["unknown", "private", "elsewhere"].map(|name| {
        let mut answer = fixture.get(&format!("http://{name}.localhost/"));
        answer.headers.remove("x-request-id");
        (answer.status, format!("{:?}", answer.headers), answer.body)
    });
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[test]
fn a_policy_that_reads_the_body_cannot_be_evaded_by_an_upgrade() {
    let mut spec = public(upstream(json!({})));
    let rules = json!([
        {"condition": {"match": "ctx.request.http.bodyMap.model == \"secret\""}, "effect": "DENY"},
        {"condition": {"matchAny": true}, "effect": "ALLOW"},
    ]);
    spec["authorization"] = json!({"inlinePolicies": [{"name": "p", "spec": {"rules": rules}}]});
    let fixture = Fixture::new(json!({"api.default": spec}), json!({})).on_a_capable_host();
    assert_eq!(fixture.send("GET", "http://api.localhost/", &[("connection", "upgrade"), ("upgrade", "websocket")], "").status, 403);
    assert_eq!(fixture.upstream.calls(), 0);
    assert_eq!(fixture.get("http://api.localhost/").status, 200);
}

#[test]
fn a_handshake_of_a_websocket_has_no_body() {
    let spec = public(upstream(json!({})));
    let fixture = Fixture::new(json!({"api.default": spec}), json!({})).on_a_capable_host();
    let upgrade = &[("connection", "upgrade"), ("upgrade", "websocket")];
    for (method, body, status) in [("GET", "{}", 400), ("GET", "", 200), ("POST", "{}", 200)] {
        assert_eq!(fixture.send(method, "http://api.localhost/", upgrade, body).status, status, "{method} {body}");
    }
    assert_eq!(fixture.upstream.calls(), 2);
}

#[test]
fn what_cannot_be_read_does_not_count_as_absent() {
    let services = json!({"api.default": public(upstream(json!({})))});
    let newer = |kind: &str, name: &str| json!({name: {"kind": kind, "metadata": {"name": name}, "spec": {"fieldOfANewerVersion": 1}}});
    let fixture = Fixture::new(services.clone(), json!({"namespaces": newer("Namespace", "default")}));
    assert_eq!(fixture.get("http://api.localhost/").status, 500);
    let fixture = Fixture::new(services, json!({"credentials": newer("Credential", "own")}));
    let token = fixture.token_of("own", "alice");
    assert_eq!(fixture.send_raw("GET", "http://api.localhost/", &[("x-postern-auth", &token)], "").status, 401);
    assert_eq!(fixture.upstream.calls(), 0);
}

#[test]
fn policies_of_a_namespace_apply() {
    let deny = json!({"authorization": {"policies": ["deny-all"]}});
    let namespace = json!({"default": {"kind": "Namespace", "metadata": {"name": "default"}, "spec": deny}});
    let fixture = Fixture::new(json!({"api.default": public(upstream(json!({})))}), json!({"namespaces": namespace}));
    assert_eq!([1, 2].map(|_| fixture.get("http://api.localhost/").status), [403, 403]);
}

#[test]
fn each_configuration_has_its_own_size() {
    let sized = |name: &str, size: Option<u64>| {
        let body = size.map_or(json!({}), |size| json!({"maxRequestSize": size}));
        json!({"name": name, "upstream": {"url": "https://provider.example"}, "http": {"body": body}})
    };
    let rule = |name: &str| json!({"condition": {"match": format!("ctx.request.http.bodyMap.model == \"{name}\"")}, "configName": name});
    let mut spec = public(sized("default", Some(100)));
    spec["dynamicConfig"] = json!({
        "configs": [sized("small", Some(50)), sized("large", Some(2000)), sized("usual", None)],
        "rules": [rule("small"), rule("large"), rule("usual")],
    });
    let fixture = Fixture::new(json!({"api.default": spec}), json!({}));
    let send = |model: &str, size: usize| {
        let body = format!("{{\"model\":\"{model}\"}}");
        fixture.send("POST", "http://api.localhost/", &[], &format!("{body:size$}")).status
    };
    for (model, limit) in [("small", 50), ("default", 100), ("usual", 1000), ("large", 2000)] {
        assert_eq!((send(model, limit), send(model, limit + 1)), (200, 413), "{model}");
    }
}
