//! Mode `GRPC`.

use serde_json::{Value, json};

use super::fixture::{Fixture, public};
use crate::testing::test;

const CALL: [(&str, &str); 2] = [("content-type", "application/grpc"), ("te", "trailers")];

fn fixture(url: &str, policy: &str) -> Fixture {
    let mut spec = public(json!({ "upstream": { "url": url } }));
    spec["mode"] = json!("GRPC");
    let rule = json!({ "effect": "ALLOW", "condition": { "match": policy } });
    spec["authorization"] = json!({ "inlinePolicies": [{ "spec": { "rules": [rule] } }] });
    Fixture::new(json!({ "api.default": spec }), json!({}))
}

#[test]
fn rules_see_what_is_called() {
    let table = [
        ("ctx.request.grpc.service == \"Greeter\" && ctx.request.grpc.method == \"SayHello\"", true),
        ("ctx.request.grpc.package == \"hello.v1\" && ctx.request.grpc.serviceFullName == \"hello.v1.Greeter\"", true),
        ("ctx.request.grpc.http.method == \"POST\" && ctx.request.http.path == \"/hello.v1.Greeter/SayHello\"", true),
        ("ctx.request.grpc.method == \"Other\"", false),
    ];
    for (policy, allowed) in table {
        let fixture = fixture("https://provider.example", policy).on_a_capable_host();
        let answer = fixture.send("POST", "http://api.localhost/hello.v1.Greeter/SayHello", &CALL, "");
        let status = answer.header("grpc-status").map(str::to_owned);
        assert_eq!((answer.status, status.as_deref()), (200, if allowed { None } else { Some("7") }), "{policy}");
        if allowed {
            let sent = fixture.upstream.last();
            assert_eq!((sent.options.http2, sent.header("te")), (true, Some("trailers")), "{policy}");
        }
    }
}

#[test]
fn refusals_are_said_in_the_callers_protocol() {
    let fixture = fixture("https://provider.example", "false").on_a_capable_host();
    let url = "http://api.localhost/hello.v1.Greeter/SayHello";
    let answer = fixture.send_raw("POST", url, &CALL, "");
    assert_eq!((answer.status, answer.header("content-type"), answer.body.as_str()), (200, Some("application/grpc"), ""));
    assert_eq!((answer.header("grpc-status"), answer.header("grpc-message")), (Some("16"), Some("A valid access token is needed.")));
    assert!(answer.header("x-request-id").is_some() && answer.header("www-authenticate").is_some());
    assert_eq!(fixture.log()["entry"]["common"]["mode"], "GRPC");
    let answer = fixture.send_raw("POST", url, &[("content-type", "application/json")], "");
    assert_eq!((answer.status, answer.code().as_str()), (401, "unauthenticated"));
}

#[test]
fn hosts_without_trailers_say_so() {
    let url = "http://api.localhost/hello.v1.Greeter/SayHello";
    let grpc = fixture("https://provider.example", "true");
    let answer = grpc.send("POST", url, &CALL, "");
    assert_eq!((answer.status, answer.code().as_str(), grpc.upstream.calls()), (501, "not_implemented", 0));
    for scheme in ["grpc", "h2c"] {
        let config = |url: Value| Fixture::with_config(json!({ "upstream": { "url": url } }));
        let fixture = config(json!(format!("{scheme}://provider.example:50051")));
        assert_eq!((fixture.get("http://api.localhost/").status, fixture.upstream.calls()), (501, 0), "{scheme}");
        let fixture = fixture.on_a_capable_host();
        assert_eq!(fixture.get("http://api.localhost/").status, 200, "{scheme}");
        let sent = fixture.upstream.last();
        assert_eq!((sent.uri.as_str(), sent.options.http2), ("http://provider.example:50051/", true), "{scheme}");
    }
}
