use serde_json::{Value, json};

use super::*;
use crate::resource::OtlpProtocol;
use crate::telemetry::entry::{ErrorFacts, Reference, RequestFacts, ResponseFacts, ServiceFacts};
use crate::telemetry::otlp::encode;
use crate::testing::test;

/// A request to `api` that took 30 ms, and what it was answered.
fn record(metrics: &mut Metrics, method: &str, code: u16, error: Option<&ErrorFacts>) {
    let reference = |kind, name| Reference::new(kind, "", name);
    let service = ServiceFacts {
        service: reference("Service", "api.default"),
        namespace: reference("Namespace", "default"),
        mode: "HTTP",
        is_public: true,
        is_anonymous: false,
    };
    let request = RequestFacts { method: method.to_owned(), scheme: "https".to_owned(), body_bytes: Some(5), ..RequestFacts::default() };
    let content_type = Some("Text/Event-Stream; charset=utf-8".to_owned());
    let response = ResponseFacts { code, content_type, body_bytes: Some(7), ..ResponseFacts::default() };
    metrics.request(&Outcome {
        started: Timestamp(1000),
        ended: Timestamp(1030),
        first_byte: Some(Timestamp(1012)),
        service: Some(&service),
        version: "HTTP2",
        allowed: true,
        reason: Some("POLICY_MATCH"),
        authenticated: true,
        error,
        request: &request,
        response: &response,
    });
}

fn json_of(metric: &Metric) -> Value {
    serde_json::from_slice(&encode(OtlpProtocol::Json, metric)).unwrap()
}

fn written(metrics: &Metrics) -> Value {
    let all: serde_json::Map<_, _> = metrics
        .metrics(Timestamp(2000), &[attribute("postern.region.name", "eu")])
        .iter()
        .map(|metric| (metric.name.to_owned(), json_of(metric)))
        .collect();
    Value::Object(all)
}

fn attributes(point: &Value) -> Value {
    let list = point["attributes"].as_array().unwrap().iter();
    list.map(|pair| (pair["key"].as_str().unwrap().to_owned(), pair["value"].as_object().unwrap().values().next().unwrap().clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[test]
fn names_and_attributes() {
    let mut metrics = Metrics::default();
    assert!(metrics.is_empty());
    record(&mut metrics, "POST", 200, None);
    metrics.lost(Signal::Logs, Loss::QueueFull, 3, Timestamp(1500));
    let written = written(&metrics);
    let names: Vec<_> = written.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "http.server.request.duration",
        "postern.telemetry.dropped",
        "req.bytes_received",
        "req.bytes_sent",
        "req.duration",
        "req.total",
        "req.ttfb",
    ];
    assert_eq!(names, expected);
    let total = &written["req.total"]["sum"];
    assert_eq!((&total["aggregationTemporality"], &total["isMonotonic"]), (&json!(1), &json!(true)));
    let point = &total["dataPoints"][0];
    assert_eq!(
        (&point["asInt"], &point["startTimeUnixNano"], &point["timeUnixNano"]),
        (&json!("1"), &json!("1000000000"), &json!("2000000000"))
    );
    let expected = json!({
        "postern.svc.name": "api.default", "postern.namespace.name": "default", "postern.mode": "HTTP", "postern.region.name": "eu",
        "req.http.method": "POST", "req.http.status": "200", "req.http.version": "HTTP2", "req.http.stream": true,
        "req.authenticated": true, "state": "ALLOWED", "reason": "POLICY_MATCH",
    });
    assert_eq!(attributes(point), expected);
    assert_eq!(written["req.bytes_sent"]["sum"]["dataPoints"][0]["asInt"], "7");
    assert_eq!(written["req.bytes_received"]["sum"]["dataPoints"][0]["asInt"], "5");
    let duration = &written["req.duration"]["histogram"]["dataPoints"][0];
    assert_eq!((&duration["count"], &duration["sum"], &duration["bucketCounts"][3]), (&json!("1"), &json!(30.0), &json!("1")));
    let server = &written["http.server.request.duration"];
    assert_eq!((&server["unit"], &server["histogram"]["dataPoints"][0]["sum"]), (&json!("s"), &json!(0.03)));
    let expected = json!({
        "http.request.method": "POST", "url.scheme": "https", "http.response.status_code": "200", "network.protocol.version": "2",
        "postern.svc.name": "api.default",
    });
    assert_eq!(attributes(&server["histogram"]["dataPoints"][0]), expected);
    let lost = &written["postern.telemetry.dropped"]["sum"]["dataPoints"][0];
    assert_eq!((&lost["asInt"], attributes(lost)), (&json!("3"), json!({"signal": "logs", "reason": "queue_full"})));
}

#[test]
fn callers_make_no_series() {
    let mut metrics = Metrics::default();
    for method in ["AAA", "BBB"] {
        record(&mut metrics, method, 400, None);
    }
    let points = written(&metrics)["req.total"]["sum"]["dataPoints"].as_array().unwrap().clone();
    assert_eq!((points.len(), attributes(&points[0])["req.http.method"].clone()), (1, json!("_OTHER")));
}

#[test]
fn errors_of_servers_have_a_type() {
    let timeout = ErrorFacts { kind: "upstream_timeout", blame: "upstream", retry: true, detail: "10.1.2.3".to_owned() };
    for (code, error, expected) in [(404, None, Value::Null), (502, None, json!("502")), (504, Some(&timeout), json!("upstream_timeout"))] {
        let mut metrics = Metrics::default();
        record(&mut metrics, "GET", code, error);
        let point = written(&metrics)["http.server.request.duration"]["histogram"]["dataPoints"][0].clone();
        assert_eq!(attributes(&point)["error.type"], expected);
    }
}

#[test]
fn what_could_not_be_sent_is_added_to_what_came_meanwhile() {
    let mut both = Metrics::default();
    let mut earlier = Metrics::default();
    record(&mut earlier, "GET", 200, None);
    earlier.lost(Signal::Traces, Loss::Refused, 1, Timestamp(1100));
    let mut later = Metrics::default();
    record(&mut later, "GET", 200, None);
    record(&mut later, "PUT", 200, None);
    later.put_back(earlier);
    for method in ["GET", "GET", "PUT"] {
        record(&mut both, method, 200, None);
    }
    both.lost(Signal::Traces, Loss::Refused, 1, Timestamp(1100));
    assert_eq!(written(&later), written(&both));
}

#[test]
fn requests_under_way_are_told_until_there_are_none() {
    let active = Active::default();
    let told = |active: &Active| {
        let metric = active.metric(Timestamp(0), Timestamp(1), &[]);
        metric.map(|metric| json_of(&metric)["sum"]["dataPoints"][0]["asInt"].clone())
    };
    let service = || {
        ServiceKey::of(&ServiceFacts {
            service: Reference::new("Service", "", "api.default"),
            namespace: Reference::new("Namespace", "", "default"),
            mode: "HTTP",
            is_public: true,
            is_anonymous: false,
        })
    };
    assert_eq!(told(&active), None);
    let under_way = [active.begin(service()), active.begin(service())];
    assert_eq!(told(&active), Some(json!("2")));
    active.told();
    drop(under_way);
    active.told();
    assert_eq!(told(&active), Some(json!("0")), "the collector was told 2");
    assert_eq!(told(&active), Some(json!("0")), "perhaps in vain");
    active.told();
    assert_eq!(told(&active), None);
}
