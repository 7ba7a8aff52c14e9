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

#[test]
fn no_token_of_the_gateway_reaches_an_upstream() {
    let mut anonymous = public(json!({"upstream": {"url": "https://provider.example"}}));
    anonymous["isAnonymous"] = json!(true);
    let fixture = Fixture::new(json!({"api.default": public(upstream(json!({}))), "anybody.default": anonymous}), json!({}));
    let token = fixture.token.as_str();
    let (tab, protocol) = (format!("Bearer\t{token}"), format!("realtime, openai-insecure-api-key.{token}"));
    let places = [
        ("authorization", tab.as_str()),
        ("x-api-key", token),
        ("x-goog-api-key", token),
        ("x_postern_auth", token),
        ("sec-websocket-protocol", &protocol),
    ];
    for place in places {
        assert_eq!(fixture.send_raw("GET", "http://anybody.localhost/", &[place, ("x-kept", "1")], "").status, 200);
        let sent = fixture.upstream.last();
        assert!(sent.headers.values().all(|value| !String::from_utf8_lossy(value.as_bytes()).contains(token)), "{place:?}");
        assert_eq!(sent.header("x-kept"), Some("1"));
    }
    for url in [format!("http://anybody.localhost/?key={token}"), format!("http://anybody.localhost/a/{token}")] {
        assert_eq!((fixture.send_raw("GET", &url, &[], "").status, fixture.upstream.calls()), (400, 0), "{url}");
    }
    fixture.send("GET", "http://api.localhost/", &[("x-api-key", token)], "");
    assert_eq!(fixture.upstream.last().header("x-api-key"), None);
    fixture.send_raw("GET", "http://anybody.localhost/", &[("authorization", "Bearer sk-own")], "");
    assert_eq!(fixture.upstream.last().header("authorization"), Some("Bearer sk-own"));
}

#[test]
fn trailers_are_asked_for_where_grpc_can_pass() {
    let config = |http2: bool| upstream(json!({"isUpstreamHTTP2": http2}));
    for (http2, capable, te, sent) in [
        (true, true, "trailers", Some("trailers")),
        (true, true, "gzip, Trailers", Some("trailers")),
        (true, true, "gzip", None),
        (false, true, "trailers", None),
        (true, false, "trailers", None),
    ] {
        let fixture = Fixture::with_config(config(http2));
        let fixture = if capable { fixture.on_a_capable_host() } else { fixture };
        fixture.send("POST", "http://api.localhost/", &[("te", te), ("connection", "te")], "");
        assert_eq!(fixture.upstream.last().header("te"), sent, "{http2} {capable} {te}");
    }
}

#[test]
fn a_caller_cannot_say_what_rules_say() {
    let fixture = Fixture::with_config(upstream(json!({"header": {
        "addRequestHeaders": [
            {"key": "x-user", "eval": "ctx.user.metadata.name"},
            {"key": "x-team", "eval": "ctx.user.spec.attrs.team"},
            {"key": "x-tag", "value": "ours", "append": true},
            {"key": "x_underscore", "value": "ours"},
        ],
        "removeRequestHeaders": ["x-debug"],
    }})));
    let names = ["x-user", "x_user", "x-team", "x_team", "x-tag", "x_underscore", "x-debug", "x_debug", "x_other"];
    let headers: Vec<(&str, &str)> = names.iter().map(|name| (*name, "forged")).collect();
    fixture.send("GET", "http://api.localhost/", &headers, "");
    let sent = fixture.upstream.last();
    let values = |name: &&str| sent.headers.get_all(*name).iter().map(|value| value.to_str().unwrap()).collect::<Vec<_>>().join(",");
    let got: Vec<String> = names.iter().map(values).collect();
    assert_eq!(got, ["alice", "", "", "", "forged,ours", "ours", "", "", "forged"]);
}

#[test]
fn a_host_is_a_host() {
    let fixture = Fixture::with_config(upstream(json!({"header": {"host": {"eval": "ctx.request.http.headers[\"x-tenant\"]"}}})));
    let fixture = fixture.on_a_capable_host();
    for (tenant, status, host) in [
        ("a.example", 200, Some("a.example")),
        ("a.example:80", 200, Some("a.example:80")),
        ("a b", 500, None),
        ("a/b", 500, None),
        ("u@a", 500, None),
    ] {
        assert_eq!(fixture.send("GET", "http://api.localhost/", &[("x-tenant", tenant)], "").status, status, "{tenant}");
        if status == 200 {
            assert_eq!(fixture.upstream.last().options.host.as_deref(), host);
        }
    }
    fixture.get("http://api.localhost/");
    assert_eq!(fixture.upstream.last().options.host, None);
}

#[test]
fn anonymous_services() {
    let anonymous = |authorization: serde_json::Value| {
        let mut spec = public(json!({"upstream": {"url": "https://default.example"}}));
        spec["isAnonymous"] = json!(true);
        spec["authorization"] = authorization;
        spec["dynamicConfig"] = json!({
            "configs": [{"name": "named", "upstream": {"url": "https://named.example"}}],
            "rules": [{"condition": {"match": "ctx.namespace.metadata.name == \"default\""}, "configName": "named"}],
        });
        spec
    };
    let rules = json!([{"condition": {"match": "ctx.request.http.method == \"GET\" && !has(ctx.user)"}, "effect": "ALLOW"}]);
    let evaluated = json!({"enableAnonymous": true, "inlinePolicies": [{"name": "p", "spec": {"rules": rules}}]});
    let services = json!({"open.default": anonymous(json!({})), "ruled.default": anonymous(evaluated)});
    let fixture = Fixture::new(services, json!({}));
    let send = |method, url| fixture.send_raw(method, url, &[], "").status;
    assert_eq!(send("POST", "http://open.localhost/"), 200);
    assert_eq!(fixture.upstream.last().uri, "https://default.example/", "nobody has no namespace");
    assert_eq!(send("GET", "http://ruled.localhost/"), 200);
    assert_eq!(fixture.upstream.last().uri, "https://named.example/");
    assert_eq!(send("POST", "http://ruled.localhost/"), 403);
}

#[test]
fn a_host_has_one_name() {
    let mut spec = public(upstream(json!({})));
    let rules = json!([{"condition": {"match": "ctx.request.http.host == \"api.localhost:80\""}, "effect": "ALLOW"}]);
    spec["authorization"] = json!({"inlinePolicies": [{"name": "p", "spec": {"rules": rules}}]});
    let fixture = Fixture::new(json!({"api.default": spec}), json!({}));
    for host in ["api.localhost:80", "API.LocalHost.:80"] {
        assert_eq!(fixture.get(&format!("http://{host}/")).status, 200, "{host}");
    }
    assert_eq!(fixture.get("http://api.localhost..:80/").status, 404);
}
