//! What a collector is sent, and what becomes of it when it does not take it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use http::Response;
use serde_json::{Value, json};

use super::fixture::{Fixture, Sent, public, response, upstream};
use crate::platform::{Body, HttpError};
use crate::testing::test;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";

/// A gateway with a collector that takes JSON, and these settings besides.
fn fixture(otlp: Value) -> Fixture {
    fixture_with(otlp, upstream(json!({})))
}

fn fixture_with(mut otlp: Value, config: Value) -> Fixture {
    otlp["url"] = json!("https://otel.example/base");
    otlp["protocol"] = json!("JSON");
    let gateway = json!({"kind": "Gateway", "metadata": {"name": "default"}, "spec": {"telemetry": {"otlp": otlp}}});
    Fixture::new(json!({"api.default": public(config)}), json!({"gateway": gateway}))
}

/// Runs what waits, and gives what the collector was sent.
fn export(fixture: &Fixture) -> Vec<Sent> {
    fixture.world.memory.tasks.run().now_or_never().unwrap();
    fixture.upstream.all().into_iter().filter(|sent| sent.uri.starts_with("https://otel.example/")).collect()
}

fn json_of<'a>(sent: &'a [Sent], path: &str) -> Value {
    let of_signal = |sent: &&'a Sent| sent.uri == format!("https://otel.example/base{path}");
    serde_json::from_str(&sent.iter().find(of_signal).unwrap().body).unwrap()
}

fn attribute<'v>(holder: &'v Value, key: &str) -> &'v Value {
    let found = holder["attributes"].as_array().unwrap().iter().find(|pair| pair["key"] == key);
    found.map_or(&Value::Null, |pair| pair["value"].as_object().unwrap().values().next().unwrap())
}

fn complaints(fixture: &Fixture) -> Vec<String> {
    fixture.world.memory.log.lines().into_iter().filter(|line| line.contains("ComponentLog")).collect()
}

#[test]
fn a_request_is_told_as_log_trace_and_metrics() {
    let headers = json!([{"key": "x-otel-key", "fromSecret": "provider"}, {"key": "x-team", "value": "edge"}]);
    let fixture = fixture(json!({"headers": headers, "resourceAttributes": {"service.name": "edge", "a": "b"}}));
    fixture.send("POST", "http://api.localhost/v1?key=canary", &[("traceparent", PARENT), ("tracestate", "x=1")], "{}");
    assert_eq!(fixture.upstream.calls(), 1, "nothing is sent before the answer");
    let sent = export(&fixture);
    assert_eq!(sent.len(), 3);
    for request in &sent {
        assert_eq!((request.method.as_str(), request.header("content-type")), ("POST", Some("application/json")));
        assert_eq!((request.header("x-otel-key"), request.header("x-team")), (Some(super::fixture::PROVIDER_KEY), Some("edge")));
        assert!(!request.headers.contains_key("authorization") && !request.headers.contains_key("traceparent"));
        assert!(!request.body.contains("canary") && !request.body.contains(&fixture.token), "{}", request.body);
    }

    let logs = json_of(&sent, "/v1/logs");
    let resource = &logs["resourceLogs"][0]["resource"];
    assert_eq!((attribute(resource, "service.name"), attribute(resource, "a")), (&json!("edge"), &json!("b")));
    assert_eq!(attribute(resource, "postern.region.name"), "eu");
    let record = &logs["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0];
    assert_eq!((&record["severityText"], &record["traceId"], &record["flags"]), (&json!("INFO"), &json!(TRACE), &json!(1)));
    let kind = record["body"]["kvlistValue"]["values"].as_array().unwrap().iter().find(|pair| pair["key"] == "kind").unwrap();
    assert_eq!(kind["value"]["stringValue"], "AccessLog");

    let traces = json_of(&sent, "/v1/traces");
    let spans = &traces["resourceSpans"][0]["scopeSpans"][0]["spans"];
    let (server, client) = (&spans[0], &spans[1]);
    assert_eq!((&server["name"], &server["kind"], &server["traceState"]), (&json!("POST api.default"), &json!(2), &json!("x=1")));
    assert_eq!((&server["parentSpanId"], &server["spanId"]), (&json!("00f067aa0ba902b7"), &record["spanId"]));
    assert_eq!((attribute(server, "url.path"), attribute(server, "http.response.status_code")), (&json!("/v1"), &json!("200")));
    assert_eq!((attribute(server, "server.address"), attribute(server, "client.address")), (&json!("api.localhost"), &json!("192.0.2.7")));
    assert_eq!((&client["parentSpanId"], &client["kind"], &client["traceId"]), (&server["spanId"], &json!(3), &json!(TRACE)));
    assert_eq!(attribute(client, "url.full"), "https://provider.example/v1");

    let metrics = json_of(&sent, "/v1/metrics");
    let names = metrics["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].as_array().unwrap().iter().map(|metric| metric["name"].clone());
    assert!(names.clone().any(|name| name == "req.total") && names.clone().any(|name| name == "req.active"), "{metrics}");
    assert!(export(&fixture).is_empty() && complaints(&fixture).is_empty());
}

#[test]
fn signals_and_sampling() {
    for (otlp, parent, paths) in [
        (json!({"signals": {"traces": false, "metrics": false}}), None, &["/v1/logs"][..]),
        (json!({"signals": {"logs": false, "metrics": false}}), None, &["/v1/traces"]),
        (json!({"signals": {"logs": false, "traces": false}}), None, &["/v1/metrics"]),
        (json!({"sampling": 0}), None, &["/v1/logs", "/v1/metrics"]),
        (json!({"sampling": 0}), Some(PARENT), &["/v1/logs", "/v1/traces", "/v1/metrics"]),
        (json!({}), Some("00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-00"), &["/v1/logs", "/v1/metrics"]),
    ] {
        let fixture = fixture(otlp.clone());
        let headers: Vec<_> = parent.iter().map(|parent| ("traceparent", *parent)).collect();
        fixture.send("GET", "http://api.localhost/", &headers, "");
        let sent: Vec<_> = export(&fixture).iter().map(|sent| sent.uri.replace("https://otel.example/base", "")).collect();
        assert_eq!(sent, paths, "{otlp} {parent:?}");
    }
}

#[test]
fn upstreams_are_told_the_trace_only_where_it_is_enabled() {
    let header_rule = json!({"header": {"addRequestHeaders": [{"key": "traceparent", "value": "of-the-operator"}]}});
    for (otlp, config, told) in [
        (None, json!({}), None),
        (Some(json!({})), json!({}), None),
        (Some(json!({})), header_rule, Some("of-the-operator")),
        (Some(json!({"propagate": true, "signals": {"traces": false}})), json!({}), Some("00f067aa0ba902b7")),
        (Some(json!({"propagate": true})), json!({}), Some("span")),
    ] {
        let config = upstream(config);
        let fixture = match otlp {
            Some(otlp) => fixture_with(otlp, config),
            None => Fixture::with_config(config),
        };
        fixture.send("GET", "http://api.localhost/", &[("traceparent", PARENT), ("tracestate", "x=1")], "");
        let call = fixture.upstream.last();
        let parent = call.header("traceparent").map(str::to_owned);
        match told {
            None => assert_eq!((parent, call.header("tracestate")), (None, None)),
            Some("of-the-operator") => assert_eq!(parent.as_deref(), told),
            Some("span") => {
                let traces = json_of(&export(&fixture), "/v1/traces");
                let client = traces["resourceSpans"][0]["scopeSpans"][0]["spans"][1]["spanId"].as_str().unwrap().to_owned();
                assert_eq!((parent, call.header("tracestate")), (Some(format!("00-{TRACE}-{client}-01")), Some("x=1")));
            }
            Some(span) => assert_eq!((parent, call.header("tracestate")), (Some(format!("00-{TRACE}-{span}-01")), Some("x=1"))),
        }
    }
}

#[test]
fn failures_are_spans_too() {
    let fixture = fixture(json!({"signals": {"logs": false, "metrics": false}}));
    fixture.upstream.answers_by_origin("https://provider.example", || Err(HttpError::Timeout));
    assert_eq!(fixture.get("http://api.localhost/").status, 504);
    let traces = json_of(&export(&fixture), "/v1/traces");
    let spans = &traces["resourceSpans"][0]["scopeSpans"][0]["spans"];
    assert_eq!((attribute(&spans[0], "error.type"), &spans[0]["status"]["code"]), (&json!("upstream_timeout"), &json!(2)));
    assert_eq!((attribute(&spans[1], "error.type"), &spans[1]["status"]["code"]), (&json!("timeout"), &json!(2)));
}

/// What the collector answers, and what becomes of an entry of the log: it is sent again, or it is lost.
#[test]
fn what_is_not_taken_waits_or_is_lost() {
    let status =
        |code, headers: &'static [(&str, &str)], body: &'static str| move || Ok(response(code, headers, Body::from(body.to_owned())));
    type Reply = Box<dyn Fn() -> Result<Response<Body>, HttpError>>;
    let table: [(Reply, bool, &str); 7] = [
        (Box::new(status(200, &[], "")), false, ""),
        (Box::new(status(503, &[], "")), true, "it answered 503"),
        (Box::new(status(429, &[("retry-after", "7")], "")), true, "it answered 429"),
        (Box::new(|| Err(HttpError::Timeout)), true, "no answer in time"),
        (Box::new(status(400, &[], "")), false, "it answered 400 Bad Request; 1 log entries lost (refused)"),
        (Box::new(status(301, &[("location", "/")], "")), false, "it answered 301"),
        (
            Box::new(status(200, &[("content-length", "46")], r#"{"partialSuccess":{"rejectedLogRecords":"1"}}  "#)),
            false,
            "1 log entries lost (refused)",
        ),
    ];
    for (reply, again, complaint) in table {
        let fixture = fixture(json!({"signals": {"traces": false, "metrics": false}}));
        fixture.upstream.answers_by_origin("https://otel.example", reply);
        fixture.get("http://api.localhost/");
        assert_eq!(export(&fixture).len(), 1);
        let complaints = complaints(&fixture);
        assert_eq!(complaints.len(), usize::from(!complaint.is_empty()), "{complaints:?}");
        assert!(complaints.iter().all(|line| line.contains(complaint)), "{complaints:?}");
        fixture.upstream.answers_by_origin("https://otel.example", || Ok(Response::new(Body::Empty)));
        assert_eq!(export(&fixture).len(), usize::from(again), "{complaint}");
    }
}

#[test]
fn a_collector_that_is_gone_is_left_alone_until_there_are_requests() {
    let fixture = fixture(json!({"signals": {"traces": false, "metrics": false}}));
    fixture.upstream.answers_by_origin("https://otel.example", || Err(HttpError::Connect("refused".to_owned())));
    fixture.get("http://api.localhost/");
    let tries = |fixture: &Fixture| (0..5).map(|_| export(fixture).len()).collect::<Vec<_>>();
    assert_eq!(tries(&fixture), [1, 1, 0, 0, 0]);
    fixture.get("http://api.localhost/");
    assert_eq!(tries(&fixture), [1, 0, 0, 0, 0]);
    fixture.world.memory.clock.advance(Duration::from_secs(20));
    fixture.upstream.answers_by_origin("https://otel.example", || Ok(Response::new(Body::Empty)));
    fixture.get("http://api.localhost/");
    let sent = export(&fixture);
    let records = json_of(&sent, "/v1/logs")["resourceLogs"][0]["scopeLogs"][0]["logRecords"].as_array().unwrap().len();
    assert_eq!((sent.len(), records), (1, 3), "nothing was lost");
    assert_eq!(complaints(&fixture).len(), 1, "the log is not flooded");
}

#[test]
fn a_full_queue_loses_the_oldest_and_says_so() {
    let fixture = fixture(json!({"signals": {"traces": false}, "batch": {"maxQueueBytes": 65536, "maxItems": 4096}}));
    let take = Rc::new(Cell::new(false));
    let takes = take.clone();
    fixture.upstream.answers_by_origin("https://otel.example", move || {
        if takes.get() { Ok(Response::new(Body::Empty)) } else { Err(HttpError::Timeout) }
    });
    for _ in 0..100 {
        fixture.get("http://api.localhost/");
    }
    while !export(&fixture).is_empty() {}
    take.set(true);
    fixture.world.memory.clock.advance(Duration::from_secs(60));
    fixture.get("http://api.localhost/last");
    let sent = export(&fixture);
    let logs = json_of(&sent, "/v1/logs");
    let records = logs["resourceLogs"][0]["scopeLogs"][0]["logRecords"].as_array().unwrap().clone();
    assert!(records.last().unwrap().to_string().contains("/last") && records.len() < 60, "{}", records.len());
    let metrics = json_of(&sent, "/v1/metrics");
    let metrics = metrics["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].as_array().unwrap().clone();
    let value = |name: &str| {
        let metric = metrics.iter().find(|metric| metric["name"] == name).unwrap();
        metric["sum"]["dataPoints"][0]["asInt"].as_str().unwrap().parse::<usize>().unwrap()
    };
    assert_eq!((value("req.total"), value("postern.telemetry.dropped") + records.len()), (101, 101));
    assert!(complaints(&fixture).iter().any(|line| line.contains("log entries lost (queue_full)")), "{:?}", complaints(&fixture));
}

#[test]
fn a_full_message_does_not_wait_and_only_one_is_on_its_way() {
    let fixture = fixture(json!({"signals": {"traces": false, "metrics": false}, "batch": {"maxItems": 4}}));
    for _ in 0..9 {
        fixture.get("http://api.localhost/");
    }
    let sizes = |sent: &[Sent]| {
        let records =
            |sent: &Sent| serde_json::from_str::<Value>(&sent.body).unwrap()["resourceLogs"][0]["scopeLogs"][0]["logRecords"].clone();
        sent.iter().map(|sent| records(sent).as_array().unwrap().len()).collect::<Vec<_>>()
    };
    // One task waits for its time, and one sends full messages; what is left waits for its time again.
    assert_eq!(sizes(&export(&fixture)), [4, 4]);
    assert_eq!(sizes(&export(&fixture)), [1]);
    assert!(export(&fixture).is_empty());
}

#[test]
fn without_its_credential_nothing_is_sent() {
    let fixture = fixture(json!({"headers": [{"key": "x-key", "fromSecret": "absent"}]}));
    assert_eq!(fixture.get("http://api.localhost/").status, 200);
    assert!(export(&fixture).is_empty());
    assert!(complaints(&fixture)[0].contains("secret \\\"absent\\\""), "{:?}", complaints(&fixture));
}
