//! What of an upstream's answer reaches the caller, and answers without an upstream.

use serde_json::json;

use super::fixture::{Fixture, PROVIDER_KEY, response, upstream};
use crate::platform::{Body, HttpError};
use crate::testing::test;

#[test]
fn an_answer_passes_with_the_rules_of_its_configuration() {
    let fixture = Fixture::with_config(upstream(json!({
        "header": {"addResponseHeaders": [{"key": "x-added", "value": "1"}], "removeResponseHeaders": ["x-removed"]},
    })));
    fixture.upstream.answers(|| {
        Ok(response(418, &[("x-kept", "1"), ("x-removed", "1"), ("connection", "x-hop"), ("x-hop", "1")], Body::from("tea".to_owned())))
    });
    let answer = fixture.get("http://api.localhost/");
    assert_eq!((answer.status, answer.body.as_str()), (418, "tea"));
    let names = ["x-kept", "x-added", "x-removed", "x-hop", "connection"].map(|name| answer.header(name).is_some());
    assert_eq!(names, [true, true, false, false, false]);
}

#[test]
fn the_upstreams_failures() {
    let fixture = Fixture::with_config(upstream(json!({})));
    let table = [
        (HttpError::Connect("to 10.0.0.1".to_owned()), 502, "true"),
        (HttpError::Lost("to 10.0.0.1".to_owned()), 502, "true"),
        (HttpError::Forbidden("to 10.0.0.1".to_owned()), 502, "false"),
        (HttpError::Broken("by 10.0.0.1".to_owned()), 502, "true"),
        (HttpError::Timeout, 504, "true"),
        (HttpError::RequestBody("cut".to_owned()), 400, "false"),
    ];
    for (error, status, retry) in table {
        let failure = error.clone();
        fixture.upstream.answers(move || Err(failure.clone()));
        let answer = fixture.get("http://api.localhost/");
        assert_eq!((answer.status, answer.header("x-should-retry")), (status, Some(retry)), "{error}");
        assert!(!answer.body.contains("10.0.0.1") && !answer.body.contains("provider.example"), "{}", answer.body);
        let log = fixture.log();
        assert_eq!(log["entry"]["common"]["status"], "ALLOWED", "{error}");
        assert!(log["entry"]["common"]["error"]["detail"].is_string(), "{error}");
        assert!(!log.to_string().contains(PROVIDER_KEY));
    }
}

#[test]
fn a_direct_answer_needs_no_upstream() {
    let fixture = Fixture::with_config(json!({"http": {"response": {"direct": {"statusCode": 201, "inline": "{\"a\":1}"}}}}));
    let answer = fixture.get("http://api.localhost/");
    assert_eq!((answer.status, answer.body.as_str(), answer.header("content-type")), (201, "{\"a\":1}", Some("application/json")));
    assert_eq!(fixture.upstream.calls(), 0);
}

#[test]
fn the_gateways_own_endpoints() {
    let fixture = Fixture::with_config(upstream(json!({})));
    assert_eq!(fixture.send_raw("GET", "http://localhost/-/healthz", &[], "").body, "{\"status\":\"ok\"}");
    assert_eq!(fixture.send_raw("GET", "http://localhost/.well-known/oauth-authorization-server", &[], "").status, 200);
    assert_eq!(fixture.send_raw("POST", "http://localhost/oauth2/token", &[], "").status, 400);
    assert_eq!(fixture.get("http://localhost/-/api/x").status, 200);
    assert_eq!(fixture.upstream.last().uri, "https://provider.example/x");
}

#[test]
fn the_answer_bears_the_requests_id() {
    let fixture = Fixture::with_config(upstream(json!({})));
    fixture.upstream.answers(|| Ok(response(200, &[("x-request-id", "theirs")], Body::Empty)));
    let answer = fixture.send("GET", "http://api.localhost/", &[("x-request-id", "mine")], "");
    assert_eq!(answer.header("x-request-id"), Some("mine"));
    let log = fixture.log();
    assert_eq!((&log["metadata"]["id"], &log["entry"]["info"]["http"]["response"]["upstreamID"]), (&json!("mine"), &json!("theirs")));
}

#[test]
fn answers_without_content() {
    let direct = |status: u16| Fixture::with_config(json!({"http": {"response": {"direct": {"statusCode": status, "inline": "text"}}}}));
    // method, status, the body, and what is said of it
    for (method, status, body, content_type, length) in [
        ("GET", 200, "text", Some("text/plain; charset=utf-8"), None),
        ("HEAD", 200, "", Some("text/plain; charset=utf-8"), Some("4")),
        ("GET", 204, "", None, None),
        ("GET", 205, "", None, None),
        ("GET", 304, "", None, None),
        ("HEAD", 304, "", None, None),
    ] {
        let fixture = direct(status);
        let answer = fixture.send(method, "http://api.localhost/", &[], "");
        let said = (answer.status, answer.body.as_str(), answer.header("content-type"), answer.header("content-length"));
        assert_eq!(said, (status, body, content_type, length), "{method} {status}");
        assert_eq!(fixture.log()["entry"]["info"]["http"]["response"]["bodyBytes"], body.len(), "{method} {status}");
    }
    let refused = direct(200).send("HEAD", "http://nowhere.localhost/", &[], "");
    assert_eq!((refused.status, refused.body.as_str()), (404, ""));
}

#[test]
fn an_upstream_cannot_speak_for_the_gateway() {
    let fixture = Fixture::with_config(upstream(json!({})));
    let headers = [
        ("authorization", "Bearer reflected"),
        ("alt-svc", "h3=\":443\""),
        ("strict-transport-security", "max-age=1; includeSubDomains"),
        ("x-octelium-unauthorized", "true"),
        ("x_postern_user", "admin"),
        ("nel", "{}"),
        ("set-cookie", "a=1"),
        ("set-cookie", "octelium_auth=planted; Path=/"),
        ("set-cookie", "b=2"),
    ];
    fixture.upstream.answers(move || Ok(response(200, &headers, Body::Empty)));
    let answer = fixture.get("http://api.localhost/");
    let names: Vec<_> = answer.headers.keys().map(|name| name.as_str()).collect();
    assert_eq!(names, ["set-cookie", "x-request-id"]);
    assert_eq!(answer.headers.get_all("set-cookie").iter().collect::<Vec<_>>(), ["a=1", "b=2"]);
}

#[test]
fn an_upstream_changes_the_protocol_only_when_asked() {
    let fixture = Fixture::with_config(upstream(json!({}))).on_a_capable_host();
    let upgrade = [("connection", "upgrade"), ("upgrade", "websocket")];
    fixture.upstream.answers(move || Ok(response(101, &upgrade, Body::Empty)));
    assert_eq!(fixture.get("http://api.localhost/").status, 502);
    assert_eq!(fixture.send("POST", "http://api.localhost/", &upgrade, "").status, 502, "only GET can be upgraded");
    assert_eq!(fixture.upstream.last().header("upgrade"), None);
    let answer = fixture.send("GET", "http://api.localhost/", &upgrade, "");
    assert_eq!((answer.status, answer.header("upgrade")), (101, Some("websocket")));
    assert_eq!(fixture.upstream.last().header("upgrade"), Some("websocket"));
    fixture.upstream.answers(move || Ok(response(103, &[], Body::Empty)));
    assert_eq!(fixture.send("GET", "http://api.localhost/", &upgrade, "").status, 502);
}
